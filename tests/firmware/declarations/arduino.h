// What the sketch uses of Arduino on an ESP32 and on an RP2040, written from the manuals: enough to
// see that the calls are well-formed, and no more.
#ifndef DECLARATIONS_ARDUINO_H_INCLUDED
#define DECLARATIONS_ARDUINO_H_INCLUDED

#include <stddef.h>
#include <stdint.h>

unsigned long micros();
void delay(unsigned long ms);
void setup();
void loop();

class HardwareSerial {
  public:
    void begin(unsigned long baud);
    int available();
    int read();
    int availableForWrite();
    size_t write(const uint8_t *bytes, size_t size);
    size_t println(const char *text);
};
extern HardwareSerial Serial, Serial1;

void esp_fill_random(void *out, size_t size);
class Preferences {
  public:
    bool begin(const char *name, bool read_only = false);
    void end();
    size_t getBytes(const char *key, void *out, size_t size);
    size_t putBytes(const char *key, const void *bytes, size_t size);
};

class EEPROMClass {
  public:
    void begin(size_t size);
    uint8_t read(int at);
    void write(int at, uint8_t byte);
    bool commit();
};
extern EEPROMClass EEPROM;
class RP2040 {
  public:
    uint32_t hwrand32();
};
extern RP2040 rp2040;

#endif
