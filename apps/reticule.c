// reticule.c -- the multi-call binary: runs the applet that its first argument, or the name it was
// called by, says.
#include <stdio.h>
#include <string.h>

#define APPLET(name, what) int name##_main(int argc, char **argv);
#include "applets.def"
#undef APPLET

typedef struct {
    const char *name, *what;
    int (*run)(int argc, char **argv);
} applet_t;

#define APPLET(name, what) {#name, what, name##_main},
static const applet_t applets[] = {
#include "applets.def"
};
#undef APPLET

#define APPLETS    (sizeof applets / sizeof *applets)
#define EXIT_USAGE 2

static const applet_t *find(const char *name) {
    for (size_t i = 0; i < APPLETS; i++) {
        if (strcmp(applets[i].name, name) == 0) {
            return &applets[i];
        }
    }
    return NULL;
}

static void print_usage(FILE *out) {
    fputs("usage: reticule APPLET [ARGUMENTS ...]\n"
          "       reticule --list | --help | --version\n"
          "\nReticulum nodes and their tools in one program; APPLET --help tells more of each.\n"
          "\napplets:\n",
          out);
    for (size_t i = 0; i < APPLETS; i++) {
        fprintf(out, "  %-12s %s\n", applets[i].name, applets[i].what);
    }
}

static void print_list(void) {
    for (size_t i = 0; i < APPLETS; i++) {
        puts(applets[i].name);
    }
}

static int run_option(const char *option) {
    if (strcmp(option, "--list") == 0) {
        print_list();
    } else if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
        print_usage(stdout);
    } else if (strcmp(option, "--version") == 0) {
        puts("reticule " RETICULE_VERSION);
    } else {
        fprintf(stderr, "reticule: error: there is no applet '%s'; reticule --list names them\n",
                option);
        return EXIT_USAGE;
    }
    return 0;
}

int main(int argc, char **argv) {
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const applet_t *applet = argc > 0 ? find(slash != NULL ? slash + 1 : argv[0]) : NULL;
    if (applet != NULL) {
        return applet->run(argc, argv);
    }
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    applet = find(argv[1]);
    return applet != NULL ? applet->run(argc - 1, argv + 1) : run_option(argv[1]);
}
