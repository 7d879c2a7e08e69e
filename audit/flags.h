// audit/flags.h -- with which flags a file is parsed: those of compile_commands.json that matter to
// its meaning, else guessed ones; and the standard library's headers, parsed once for all files.
#ifndef AUDIT_FLAGS_H_INCLUDED
#define AUDIT_FLAGS_H_INCLUDED

#include "tree.h"

#include <clang-c/CXCompilationDatabase.h>
#include <clang-c/Index.h>

typedef enum { STANDARD_CXX17, STANDARD_CXX20, STANDARD_COUNT } standard_t;

typedef struct {
    const tree_t *tree;
    CXCompilationDatabase database;      // NULL: there is none
    const char *database_path;           // NULL: there is none
    const char *folder;                  // for the parsed headers, or NULL
    const char *headers[STANDARD_COUNT]; // parsed headers, or NULL
} flags_t;

typedef LIST(const char *) arguments_t;

// Looks for compile_commands.json: in `folder` if that is not NULL (an error when it isn't there),
// else around the tree.
void flags_open(flags_t *flags, const tree_t *tree, const char *folder);
void flags_close(flags_t *flags);       // deletes what was parsed ahead
void flags_check(const flags_t *flags); // ends the program when a signal has come
void flags_forget_signals(void); // in a child: what was parsed ahead is not its own to delete

// Parses the standard headers ahead, where C++ files will want them. Takes about a second.
void flags_prepare(flags_t *flags);

// The arguments for a file, as clang_parseTranslationUnit2 wants them. Free arguments.at.
void flags_for(const flags_t *flags, const file_t *file, arguments_t *arguments);

#endif
