// folder.h -- folders that live as long as something in this process, in the system's place for
// such.
#ifndef CONFORMANCE_FOLDER_H_INCLUDED
#define CONFORMANCE_FOLDER_H_INCLUDED

#include <stdbool.h>

#define FOLDER_PATH 64U

// Makes one, of a name of its own. False: it cannot be made.
bool folder_make(char path[FOLDER_PATH]);
void folder_remove(const char *path); // with all that is in it

#endif
