// A sketch of which every header is missing, with what else firmware holds.
#include "Identity.h"
#include "Esp.h"
using namespace RNS;
using namespace RNS::Type::Identity;

/*static*/ Identity::KnownDestinationSlot Identity::_known_destinations_pool[Identity::KNOWN_DESTINATIONS_SIZE];
/*static*/ bool Identity::_saving = false;

Identity::Identity(bool create_keys /*= true*/) : _object(new Object()) { // site new - Identity -
    if (create_keys) {
        createKeys();
    }
    MEM("Identity object created, this: " + std::to_string((uintptr_t)this));
}
void Identity::createKeys() {
    assert(_object);
    _object->_prv = Cryptography::X25519PrivateKey::generate();
    std::vector<Bytes> list; // site container - Identity -
    auto p = std::make_shared<Foo>(1, 2); // site make_shared - Identity -
    for (auto &x : list) { x = Bytes(malloc(3)); } // site malloc - Identity -
    std::function<void()> cb = [this]() { // site function - Identity -
        auto *z = new Bar(this); // site new - Identity -
    };
    _slots = (Slot*)heap_caps_aligned_alloc(8, n * sizeof(Slot), MALLOC_CAP_SPIRAM); // site platform - Identity -
    std::unique_ptr<Foo> up; up.reset(new Foo()); // site new_unique_ptr - Identity -
    std::map<std::string, int> m = {{"a", 1}}; // site container - Identity -
    std::string s = x.name() + "abc"; // site string - Identity -
    const std::string &ref = s;
    other(std::string("abcdefghijklmnopqrstuvwxyz").c_str());
}
class Radio : public RadioBase {
public:
  Radio(SPIClass &spi) : RadioBase(spi), _buffer(new uint8_t[256]) {} // site new - Radio -
  void onReceive(int n) override { queue.push_back(Packet(n)); char *c = strdup("a"); } // site malloc - Radio -
private:
  uint8_t *_buffer; std::deque<Packet> queue; SemaphoreHandle_t lock; std::function<void(Packet)> cb; // site container - Radio -; site function - Radio -
  std::shared_ptr<Packet> last; Packet slots[MAX_PACKETS];
};
static QueueHandle_t q = xQueueCreate(3, sizeof(Packet)); // site platform - - -
extern "C" void app_main(void) { static Radio radio(SPI); xTaskCreate(task, "t", 4096, NULL, 1, NULL); } // site platform - - -
template <typename T> T *make() { return new T(); } // site new - - -
void loop() { if (digitalRead(3) == HIGH) { auto pkt = make<Packet>(); radio->send(new Frame(pkt)); } } // site new - - -
