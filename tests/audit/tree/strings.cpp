#include <functional>
#include <string>
#include <string_view>
#include <vector>

void print(const std::string &text);
void print_view(std::string_view text);
std::string read_name();

static const char *const words[] = {"one", "two"};

void strings_of_a_packet(const std::string &name) {
    std::string text = "abc";             // site string per_packet - std::string
    text += name;
    print("short");
    print(text + " and a tail");          // site string per_packet -
    print("a literal that is too long");  // site string per_packet -
    print(std::string(words[0]));         // site string per_packet -
    print_view("a literal that is too long for a string");
    const std::string &same = text;
    std::string_view view = same;
    print_view(view);
    std::string *pointer = &text;
    print(*pointer);
    text = name + "!";
    std::vector<std::string> list;        // site container per_packet - std::vector<std::string>
    list.push_back(read_name());
}
