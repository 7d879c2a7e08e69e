// audit/flags.c -- the flags of a file; see flags.h.
#include "flags.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// What every file is parsed with. Attributes of platforms would else be errors where their headers
// are missing; those that place data in external RAM are recognised by their name in the source.
static const char *const common[] = {"-ferror-limit=0",
                                     "-fpch-instantiate-templates",
                                     "-w",
                                     "-DEXT_RAM_ATTR=",
                                     "-DEXT_RAM_BSS_ATTR=",
                                     "-DEXT_RAM_NOINIT_ATTR=",
                                     "-DIRAM_ATTR=",
                                     "-DDRAM_ATTR=",
                                     "-DRTC_DATA_ATTR=",
                                     "-DRTC_NOINIT_ATTR=",
                                     "-DICACHE_RAM_ATTR=",
                                     "-DICACHE_FLASH_ATTR=",
                                     "-DPROGMEM=",
                                     "-DDMAMEM=",
                                     "-DEXTMEM=",
                                     "-DFLASHMEM="};

static const char standard_headers[] =
    "#include <algorithm>\n#include <array>\n#include <atomic>\n#include <bitset>\n"
    "#include <cassert>\n#include <chrono>\n#include <cmath>\n#include <cstdint>\n"
    "#include <cstdio>\n#include <cstdlib>\n#include <cstring>\n#include <deque>\n"
    "#include <exception>\n#include <forward_list>\n#include <functional>\n"
    "#include <initializer_list>\n#include <iomanip>\n#include <iostream>\n#include <list>\n"
    "#include <map>\n#include <memory>\n#include <mutex>\n#include <new>\n#include <numeric>\n"
    "#include <optional>\n#include <queue>\n#include <set>\n#include <sstream>\n#include <stack>\n"
    "#include <stdexcept>\n#include <string>\n#include <string_view>\n#include <thread>\n"
    "#include <tuple>\n#include <type_traits>\n#include <unordered_map>\n"
    "#include <unordered_set>\n#include <utility>\n#include <variant>\n#include <vector>\n";

static const char *const standard_flags[STANDARD_COUNT] = {"-std=gnu++17", "-std=gnu++20"};

// The newest compile_commands.json of these folders and of those one level below a build folder.
typedef struct {
    const char *folder;
    time_t when;
} newest_t;

static void try_folder(newest_t *newest, const char *folder) {
    struct stat info;
    if (stat(name_print("%s/compile_commands.json", folder), &info) == 0 &&
        (newest->folder == NULL || info.st_mtime > newest->when)) {
        *newest = (newest_t){folder, info.st_mtime};
    }
}

static const char *find_database(const char *root) {
    static const char *const builds[] = {"build", "builddir", "out", "cmake-build-debug"};
    newest_t newest = {0};
    try_folder(&newest, root);
    for (size_t i = 0; i < sizeof builds / sizeof *builds; i++) {
        const char *build = name_print("%s/%s", root, builds[i]);
        try_folder(&newest, build);
        DIR *folder = opendir(build);
        for (const struct dirent *entry = folder == NULL ? NULL : readdir(folder); entry != NULL;
             entry = readdir(folder)) {
            if (entry->d_name[0] != '.') {
                try_folder(&newest, name_print("%s/%s", build, entry->d_name));
            }
        }
        if (folder != NULL) {
            closedir(folder);
        }
    }
    return newest.folder;
}

void flags_open(flags_t *flags, const tree_t *tree, const char *folder) {
    *flags = (flags_t){.tree = tree};
    const char *where = folder;
    if (where != NULL && text_ends(where, "/compile_commands.json")) {
        where = name_of_part(where, strlen(where) - strlen("/compile_commands.json"));
    } else if (where != NULL && strcmp(where, "compile_commands.json") == 0) {
        where = ".";
    }
    where = where == NULL ? find_database(tree->root) : where;
    if (where == NULL) {
        return;
    }
    struct stat info;
    flags->database_path = name_print("%s/compile_commands.json", where);
    if (stat(flags->database_path, &info) != 0) {
        fail("%s: there is no such file", flags->database_path);
    }
    CXCompilationDatabase_Error error;
    flags->database = clang_CompilationDatabase_fromDirectory(where, &error);
    if (error != CXCompilationDatabase_NoError && folder != NULL) {
        fail("%s: this is no compilation database", flags->database_path);
    }
    if (error != CXCompilationDatabase_NoError) {
        flags->database = NULL;
        flags->database_path = NULL;
    }
}

// The signal that interrupts the program; what was parsed ahead is deleted before it ends.
static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
    interrupted = number;
}

static void set_signals(void (*handler)(int number)) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = handler}; // without SA_RESTART: what waits wakes up
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        sigaction(numbers[i], &action, NULL);
    }
}

static void delete_folder(const char *path) {
    DIR *folder = path == NULL ? NULL : opendir(path);
    if (folder == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            unlink(name_print("%s/%s", path, entry->d_name));
        }
    }
    closedir(folder);
    rmdir(path);
}

void flags_check(const flags_t *flags) {
    int number = interrupted;
    if (number != 0) {
        delete_folder(flags->folder);
        set_signals(SIG_DFL);
        raise(number);
    }
}

void flags_close(flags_t *flags) {
    flags_check(flags);
    if (flags->database != NULL) {
        clang_CompilationDatabase_dispose(flags->database);
    }
    delete_folder(flags->folder);
    set_signals(SIG_DFL);
}

void flags_forget_signals(void) {
    set_signals(SIG_DFL);
}

// In a process of its own, so that a parser that falls takes nothing with it.
static void parse_headers(const char *path, const char *standard) {
    CXIndex index = clang_createIndex(0, 0);
    struct CXUnsavedFile file = {"rnaudit_std.hpp", standard_headers, sizeof standard_headers - 1};
    const char *arguments[3 + sizeof common / sizeof *common] = {"-xc++-header", standard};
    memcpy(arguments + 2, common, sizeof common);
    CXTranslationUnit unit = NULL;
    enum CXErrorCode error = clang_parseTranslationUnit2(
        index, file.Filename, arguments, (int)(2 + sizeof common / sizeof *common), &file, 1,
        CXTranslationUnit_Incomplete | CXTranslationUnit_DetailedPreprocessingRecord |
            CXTranslationUnit_KeepGoing | CXTranslationUnit_ForSerialization,
        &unit);
    if (error != CXError_Success || clang_getNumDiagnostics(unit) > 0 ||
        clang_saveTranslationUnit(unit, path, 0) != CXSaveError_None) {
        _exit(1);
    }
    _exit(0);
}

static void prepare(flags_t *flags, standard_t standard) {
    if (flags->headers[standard] != NULL) {
        return;
    }
    const char *path = name_print("%s/%d.pch", flags->folder, (int)standard);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        flags_forget_signals();
        parse_headers(path, standard_flags[standard]);
    }
    int status = 1;
    while (child > 0 && waitpid(child, &status, 0) != child) {
        if (interrupted != 0) {
            kill(child, SIGKILL);
            waitpid(child, NULL, 0);
            flags_check(flags);
        }
    }
    if (child > 0 && status == 0) {
        flags->headers[standard] = path;
    }
}

static standard_t standard_of(const flags_t *flags, const file_t *file);

void flags_prepare(flags_t *flags) {
    bool wanted[STANDARD_COUNT] = {false};
    for (size_t i = 0; i < flags->tree->files.count; i++) {
        const file_t *file = &flags->tree->files.at[i];
        if (file->language == LANGUAGE_CXX && file->trouble == NULL) {
            wanted[standard_of(flags, file)] = true;
        }
    }
    const char *base = getenv("TMPDIR");
    char *folder = memory_text("", 4096);
    snprintf(folder, 4096, "%s/rnaudit.XXXXXX", base == NULL || *base == 0 ? "/tmp" : base);
    if ((wanted[0] || wanted[1]) && !flags->tree->own_std && mkdtemp(folder) != NULL) {
        flags->folder = name_of(folder);
        set_signals(on_signal);
        for (int i = 0; i < STANDARD_COUNT; i++) {
            if (wanted[i]) {
                prepare(flags, (standard_t)i);
            }
        }
    }
    free(folder);
}

// One command of the database, argument by argument.
typedef struct {
    CXCompileCommand command;
    unsigned at, count;
    const char *folder;
} command_t;

static const char *take_string(CXString string) {
    const char *name = name_of(clang_getCString(string));
    clang_disposeString(string);
    return name;
}

static const char *argument(command_t *command) {
    return take_string(clang_CompileCommand_getArg(command->command, command->at++));
}

static const char *absolute(const command_t *command, const char *path) {
    return path[0] == '/' ? path : name_print("%s/%s", command->folder, path);
}

// -I and its like, joined or in two words; true when this was one.
static bool keep_path(command_t *command, const char *word, arguments_t *arguments) {
    static const char *const options[] = {"-I",         "-isystem", "-iquote",
                                          "-idirafter", "-include", "-imacros"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!text_begins(word, options[i]) || text_begins(word, "-include-pch")) {
            continue;
        }
        const char *path = word + strlen(options[i]);
        if (*path == 0) {
            if (command->at == command->count) {
                return true;
            }
            path = argument(command);
        }
        *LIST_ADD(*arguments) = name_of(options[i]);
        *LIST_ADD(*arguments) = absolute(command, path);
        return true;
    }
    return false;
}

static void keep_argument(command_t *command, const char *word, language_t language,
                          arguments_t *arguments) {
    if (keep_path(command, word, arguments)) {
        return;
    }
    if (strcmp(word, "-D") == 0 || strcmp(word, "-U") == 0) {
        if (command->at < command->count) {
            *LIST_ADD(*arguments) = word;
            *LIST_ADD(*arguments) = argument(command);
        }
    } else if (text_begins(word, "-D") || text_begins(word, "-U") ||
               (language == LANGUAGE_C && text_begins(word, "-std="))) {
        *LIST_ADD(*arguments) = word;
    }
}

static CXCompileCommands commands_of(const flags_t *flags, const file_t *file) {
    if (flags->database == NULL) {
        return NULL;
    }
    CXCompileCommands commands =
        clang_CompilationDatabase_getCompileCommands(flags->database, file->real);
    if (commands != NULL && clang_CompileCommands_getSize(commands) == 0) {
        clang_CompileCommands_dispose(commands);
        commands = NULL;
    }
    return commands;
}

static command_t first_command(CXCompileCommands commands) {
    command_t command = {.command = clang_CompileCommands_getCommand(commands, 0), .at = 1};
    command.count = clang_CompileCommand_getNumArgs(command.command);
    command.folder = take_string(clang_CompileCommand_getDirectory(command.command));
    return command;
}

static standard_t standard_of(const flags_t *flags, const file_t *file) {
    standard_t standard = STANDARD_CXX17;
    CXCompileCommands commands = commands_of(flags, file);
    if (commands == NULL) {
        return standard;
    }
    command_t command = first_command(commands);
    while (command.at < command.count) {
        const char *word = argument(&command);
        if (text_begins(word, "-std=") && strstr(word, "++2") != NULL) {
            standard = STANDARD_CXX20;
        }
    }
    clang_CompileCommands_dispose(commands);
    return standard;
}

static void add_command(const flags_t *flags, const file_t *file, arguments_t *arguments) {
    CXCompileCommands commands = commands_of(flags, file);
    if (commands == NULL) {
        return;
    }
    command_t command = first_command(commands);
    while (command.at < command.count) {
        keep_argument(&command, argument(&command), file->language, arguments);
    }
    clang_CompileCommands_dispose(commands);
}

void flags_for(const flags_t *flags, const file_t *file, arguments_t *arguments) {
    if (file->language == LANGUAGE_CXX) {
        standard_t standard = standard_of(flags, file);
        *LIST_ADD(*arguments) = "-xc++";
        *LIST_ADD(*arguments) = standard_flags[standard];
        if (flags->headers[standard] != NULL) {
            *LIST_ADD(*arguments) = "-include-pch";
            *LIST_ADD(*arguments) = flags->headers[standard];
        }
    } else {
        *LIST_ADD(*arguments) = "-xc";
        *LIST_ADD(*arguments) = "-std=gnu11";
        *LIST_ADD(*arguments) = "-Xclang";
        *LIST_ADD(*arguments) = "-frecovery-ast";
    }
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        *LIST_ADD(*arguments) = common[i];
    }
    add_command(flags, file, arguments);
    // Behind the system's folders, so that a guess never hides a header of the system.
    for (size_t i = 0; i < flags->tree->include_dirs.count; i++) {
        *LIST_ADD(*arguments) = "-iquote";
        *LIST_ADD(*arguments) = flags->tree->include_dirs.at[i];
        *LIST_ADD(*arguments) = "-idirafter";
        *LIST_ADD(*arguments) = flags->tree->include_dirs.at[i];
    }
}
