// A Reticulum node on Serial1 (HDLC, 115,200 bit/s): an endpoint in 32 KiB that announces itself and
// sends back what comes over a link. On the other end: a node with a SerialInterface, or an RNode.
#include <rns/framing.h>
#include <rns/rns.h>
#include <rns/static.h>

extern "C" const rns_crypto_t rns_crypto_mcu;

// The board has to have a hardware generator, and a place that outlives restarts. What is kept there:
// two identities of 64 bytes, and the mark of 8 bytes from which announces go on (peers ignore those
// of a node whose time went back).
enum { NODE, IDENTITY, MARK, PLACES };
static const size_t PLACE_SIZE[PLACES] = {64, 64, 8};

#if defined(ESP32)
#include <Preferences.h>
#include <esp_random.h>
static const char *const NAMES[PLACES] = {"node", "identity", "mark"};
static bool entropy(void *, uint8_t *out, size_t size) {
    esp_fill_random(out, size); // with Wi-Fi or Bluetooth on, or bootloader_random_enable()
    return true;
}
static size_t load(int place, void *out) {
    Preferences preferences;
    preferences.begin("reticule");
    const size_t size = preferences.getBytes(NAMES[place], out, PLACE_SIZE[place]);
    preferences.end();
    return size;
}
static bool save(int place, const void *bytes) {
    Preferences preferences;
    preferences.begin("reticule");
    const size_t size = preferences.putBytes(NAMES[place], bytes, PLACE_SIZE[place]);
    preferences.end();
    return size == PLACE_SIZE[place];
}
#elif defined(ARDUINO_ARCH_RP2040)
#include <EEPROM.h>
static const int EEPROM_SIZE = 256, SLOT = 72, IS_THERE = 0x52;
static bool entropy(void *, uint8_t *out, size_t size) {
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)rp2040.hwrand32();
    }
    return true;
}
static size_t load(int place, void *out) {
    EEPROM.begin(EEPROM_SIZE);
    for (size_t i = 0; i < PLACE_SIZE[place]; i++) {
        ((uint8_t *)out)[i] = EEPROM.read(place * SLOT + 1 + (int)i);
    }
    return EEPROM.read(place * SLOT) == IS_THERE ? PLACE_SIZE[place] : 0;
}
static bool save(int place, const void *bytes) {
    EEPROM.begin(EEPROM_SIZE);
    EEPROM.write(place * SLOT, IS_THERE);
    for (size_t i = 0; i < PLACE_SIZE[place]; i++) {
        EEPROM.write(place * SLOT + 1 + (int)i, ((const uint8_t *)bytes)[i]);
    }
    return EEPROM.commit();
}
#else
#error "Name the board's hardware generator here, and where it keeps these places"
#endif

static int place_of(rns_record_t kind) {
    return kind == RNS_RECORD_IDENTITY ? NODE : kind == RNS_RECORD_MARK ? MARK : PLACES;
}
static size_t store_get(void *, rns_record_t kind, rns_bytes_t, rns_mem_t out) {
    const int place = place_of(kind);
    return place < PLACES && out.size >= PLACE_SIZE[place] ? load(place, out.data) : 0;
}
static bool store_put(void *, rns_record_t kind, rns_bytes_t, rns_bytes_t value) {
    const int place = place_of(kind);
    return place == PLACES || value.size != PLACE_SIZE[place] || save(place, value.data);
}

static const size_t FRAME = RNS_FRAME_MAX(RNS_MTU);
static const rns_us_t EVERY = 600000000; // us between two announces

alignas(RNS_STATIC_ALIGN) static uint8_t memory[RNS_STATIC_BYTES(TINY)];
static uint8_t in[FRAME], out[RNS_HDLC_MAX(FRAME)];
static rns_hdlc_port_t reader;
static size_t out_size, out_sent;
static rns_node_t *node;
static rns_iface_t line;
static rns_dest_t echo;
static rns_us_t announce_at;

static rns_us_t now() { // micros() wraps after 71 minutes
    static uint32_t before;
    static uint64_t passed;
    const uint32_t at = micros();
    passed += (uint32_t)(at - before);
    before = at;
    return (rns_us_t)passed;
}

static void on_event(void *, rns_node_t *from, const rns_event_t *event) {
    if (event->type == RNS_EV_LINK_PACKET) {
        rns_link_send(from, event->at, event->link, event->data, NULL);
    }
}

static void must(rns_err_t error) {
    while (error != RNS_ERR_OK) {
        Serial.println(rns_err_text(error));
        delay(1000);
    }
}

void setup() {
    Serial.begin(115200);
    Serial1.begin(115200);
    rns_config_t config = {};
    config.mem[RNS_REGION_FAST] = {memory, sizeof memory};
    config.crypto = &rns_crypto_mcu;
    config.entropy = entropy;
    config.static_identity = true;
    config.store.get = store_get;
    config.store.put = store_put;
    config.on_event = on_event;
    must(rns_open(&config, now(), &node));
    rns_iface_config_t serial = {};
    serial.name = "Serial1";
    serial.bitrate = 115200;
    must(rns_iface_add(node, now(), &serial, &line));
    rns_secret_t secret;
    if (load(IDENTITY, &secret) != sizeof secret) {
        must(rns_identity_new(node, &secret));
        save(IDENTITY, &secret);
    }
    rns_dest_config_t dest = {};
    dest.name = "arduino.echo";
    dest.identity = &secret;
    dest.prove = RNS_PROVE_ALL;
    must(rns_dest_add(node, now(), &dest, &echo));
    reader.buffer = {in, sizeof in};
}

static void receive() {
    rns_mem_t frame;
    while (Serial1.available() > 0) {
        if (rns_hdlc_feed(&reader, (uint8_t)Serial1.read(), &frame) == RNS_FRAMING_FRAME) {
            rns_rx(node, now(), line, frame, NULL);
        }
    }
}

static void send() {
    rns_tx_t tx;
    if (out_sent == out_size && rns_tx_next(node, now(), line, &tx)) {
        out_sent = 0;
        out_size = rns_hdlc_encode(tx.frame, {out, sizeof out});
        rns_tx_done(node, now(), line, &tx, true);
    }
    const size_t room = (size_t)Serial1.availableForWrite(), left = out_size - out_sent;
    out_sent += Serial1.write(out + out_sent, left < room ? left : room);
}

void loop() {
    receive();
    if (now() >= announce_at) {
        announce_at = now() + EVERY;
        rns_announce(node, now(), echo, {NULL, 0}, {0, 0});
    }
    if (rns_next_due(node) <= now()) {
        rns_tick(node, now());
    }
    send();
}
