#!/usr/bin/env python3
"""Writes a large tree of C++ and C, as firmware is: speed.py FOLDER LINES."""
import pathlib
import sys

HEADER = """#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>
#include "common.hpp"

namespace fw{n} {{

class Session {{
  public:
    class Object {{
      public:
        std::vector<common::Part> _parts;
        std::map<int, std::string> _names;
        int _state = 0;
    }};
    Session();
    void receive(const common::Part &part);
{declarations}
  private:
    std::shared_ptr<Object> _object;
    std::function<void(int)> _callback;
    common::Slot _slots[common::SLOTS];
    size_t _count = 0;
}};

}} // namespace fw{n}
"""

COMMON = """#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace common {

constexpr std::size_t SLOTS = 16;

struct Part {
    uint8_t data[64];
    std::size_t size;
};

struct Slot {
    bool used;
    Part part;
};

} // namespace common
"""

METHOD = """
int Session::step{m}(const common::Part &part, int value) {{
    int sum = value;
    for (std::size_t i = 0; i < part.size; i++) {{
        sum = (sum * 31 + part.data[i]) & 0xFFFF;
        if (sum == {m}) {{
            _object->_state = sum;
        }}
    }}
    switch (sum & 3) {{
    case 0:
        return sum + {m};
    case 1:
        return step{other}(part, sum - 1);
    default:
        break;
    }}
    return sum;
}}
"""

SOURCE = """#include "session{n}.hpp"

namespace fw{n} {{

Session::Session() : _object(new Object()) {{
}}

void Session::receive(const common::Part &part) {{
    _object->_parts.push_back(part);
    auto copy = std::make_shared<common::Part>(part);
    step0(*copy, 1);
    if (_count < common::SLOTS) {{
        _slots[_count++].part = part;
    }}
}}
{methods}
}} // namespace fw{n}
"""

METHODS = 14
SITES = 5  # of each pair of files


def write_large_tree(folder, lines):
    """Returns the lines and the sites that were written."""
    root = pathlib.Path(folder)
    (root / "common.hpp").write_text(COMMON)
    written, sites, number = COMMON.count("\n"), 0, 0
    while written < lines:
        declarations = "".join(f"    int step{m}(const common::Part &part, int value);\n" for m in range(METHODS))
        methods = "".join(METHOD.format(m=m, other=(m + 1) % METHODS) for m in range(METHODS))
        for name, text in (
            (f"session{number}.hpp", HEADER.format(n=number, declarations=declarations)),
            (f"session{number}.cpp", SOURCE.format(n=number, methods=methods)),
        ):
            (root / name).write_text(text)
            written += text.count("\n")
        sites += SITES
        number += 1
    return written, sites


if __name__ == "__main__":
    print(*write_large_tree(sys.argv[1], int(sys.argv[2])))
