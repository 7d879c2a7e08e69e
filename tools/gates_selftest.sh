#!/usr/bin/env bash
# Shows that each gate goes red: makes one bad change in a small tree with the project's build, settings and
# gates, and runs the gate there, which has to fail and to name the trouble. Before the change it has to be
# green, or its red would say nothing.
. "$(dirname "$0")/gates.sh"
tree=$scratch/tree
mkdir -p "$tree/core/memory" "$tree/core/route" "$tree/include/rns" "$tree/docs" "$tree/providers" "$tree/build/release"
cp -r CMakeLists.txt CMakePresets.json LICENSE .clang-format .clang-tidy .shellcheckrc .gitignore tools run test "$tree"
cd "$tree"
git init -q
cat >include/rns/good.h <<'END'
#ifndef RNS_GOOD_H_INCLUDED
#define RNS_GOOD_H_INCLUDED
#ifdef __cplusplus
extern "C" {
#endif
int rns_good(int n);
#ifdef __cplusplus
}
#endif
#endif
END
cat >core/memory/good.c <<'END'
#include "rns/good.h"

int rns_good(int n) {
    return n + 1;
}
END
touch core/node.h core/memory/good.h docs/MEMORY.md
printf '#!/bin/sh\n' >build/release/rnmem
chmod +x build/release/rnmem

# red GATE WORDS FILE: standard input is added to FILE, and GATE has to fail and say WORDS.
green=" "
red() {
    local gate=$1 words=$2 file=$3
    case $green in
    *" $gate "*) ;;
    *)
        "tools/$gate" >"$scratch/before" 2>&1 || {
            echo "[FAIL] $gate is red before the change:" && head -n 5 "$scratch/before"
            trouble=1
            return
        }
        green="$green$gate "
        ;;
    esac
    rm -f "$scratch/saved"
    [ ! -e "$file" ] || cp "$file" "$scratch/saved"
    cat >>"$file"
    if "tools/$gate" >"$scratch/after" 2>&1; then
        complain "[FAIL] $gate does not see: $words"
    elif ! grep -qF -- "$words" "$scratch/after"; then
        complain "[FAIL] $gate is red, but does not say \"$words\":" && head -n 5 "$scratch/after"
    else
        echo "[pass] $gate: $words"
    fi
    rm "$file"
    [ ! -e "$scratch/saved" ] || cp "$scratch/saved" "$file"
}

bad=core/memory/bad.c
red gate_symbols.sh "gcc: the core needs a symbol from outside: getenv" $bad <<'END'
char *getenv(const char *name);
char *rnsi_bad(void);
char *rnsi_bad(void) {
    return getenv("HOME");
}
END
red gate_symbols.sh "bytes of .bss in" $bad <<'END'
int rnsi_bad(void);
int rnsi_bad(void) {
    static int n;
    return ++n;
}
END
red gate_symbols.sh "clang: variables in the core: 4 bytes of .data in" $bad <<<'int rnsi_bad = 1;'

red gate_layers.py '"node.h" (state) is not below memory' $bad <<<'#include "node.h"'
red gate_layers.py '"memory/good.h" (memory) is not below providers' providers/bad.c <<<'#include "memory/good.h"'
red gate_layers.py '"good.h" is written relative to its folder' $bad <<<'#include "good.h"'
red gate_layers.py '<stdio.h> is not for the core' $bad <<<'#include <stdio.h>'

red gate_memory.sh "docs/MEMORY.md differs from the table" docs/MEMORY.md <<<'| path | 1 |'

red gate_format.sh "bad.c:1:" $bad <<<'int  rnsi_bad;'
red gate_format.sh "a tab in C" core/memory/bad.def <<<$'\tROW(bad)'
red gate_format.sh "SC2086" tools/bad.sh <<<$'#!/bin/sh\necho $1'

red gate_size.sh "rnsi_bad() has 71 lines, the end is 70" $bad < <(
    echo 'int rnsi_bad(int n) {' && printf '    n++;\n%.0s' {1..68} && echo '    return n;' && echo '}'
)
red gate_size.sh "bad.c has 801 lines, the end is 800" $bad < <(printf '// a line\n%.0s' {1..801})

red gate_recursion.py "recursion: " $bad <<'END'
int rnsi_ping(int n);
int rnsi_pong(int n);
int rnsi_ping(int n) {
    return n > 0 ? rnsi_pong(n - 1) : 0;
}
int rnsi_pong(int n) {
    return rnsi_ping(n);
}
END

red gate_tidy.sh "readability-braces-around-statements" $bad <<'END'
int rnsi_bad(int n);
int rnsi_bad(int n) {
    if (n > 1)
        return 1;
    return n;
}
END

red gate_warnings.sh "-Werror=conversion" $bad <<'END'
short rnsi_bad(int n);
short rnsi_bad(int n) {
    return n;
}
END
red gate_warnings.sh "include/rns/bad.h alone: gcc -x c -std=c11" include/rns/bad.h <<<'uint8_t rns_bad(void);'
red gate_warnings.sh "include/rns/bad.h alone: clang++ -x c++ -std=c++17" include/rns/bad.h <<<'extern int rns_bad_class(int class);'

red gate_names.sh "begin with neither rns_ nor rnsi_: bad" $bad <<'END'
int bad(void);
int bad(void) {
    return 1;
}
END
red gate_names.sh "public, but not declared in include/rns: rns_bad" $bad <<'END'
int rns_bad(void);
int rns_bad(void) {
    return 1;
}
END
red gate_names.sh "declared in include/rns, but not defined: rns_bad" include/rns/bad.h <<<'int rns_bad(void);'

red gate_leftovers.sh "left for later" $bad <<<"// TO""DO"
red gate_leftovers.sh "a path of one machine" bad.py <<<"open('/ro""ot/file')"
red gate_leftovers.sh "a mark of a merge" $bad <<<'<<<<<<<'" HEAD"
red gate_leftovers.sh "space at the end of a line" $bad <<<'int a; '

# example STATEMENT...: a README whose program has these lines.
example() {
    printf '```c\nint main(void) {\n' && printf '    %s\n' "$@" && printf '}\n```\n'
}
example 'return 0;' >README.md
tools/check_example.sh -O1 || complain "[FAIL] check_example.sh is red before the change"
red_example() { # WORDS STATEMENT...
    example "${@:2}" >README.md
    if tools/check_example.sh -O1 >"$scratch/after" 2>&1 || ! grep -qF -- "$1" "$scratch/after"; then
        complain "[FAIL] check_example.sh does not see: $1"
    else
        echo "[pass] check_example.sh: $1"
    fi
}
red_example "has 40 lines, it is to stay under 40" ';'{1..37} 'return 0;'
red_example "the README's program ended with 3" 'return 3;'
red_example "-Werror=unused-variable" 'int n;' 'return 0;'
exit "$trouble"
