// The lock of a directory, and what is written into its storage folder as a whole.
#include <setjmp.h>
#include <stdarg.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/inventory.h"
#include "host/pidfile.h"
#include "host/replace.h"

static char folder[64], path[128];

static int make_folder(void **state) {
    (void)state;
    char storage[96];
    strcpy(folder, "/tmp/reticule-pidfile-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(storage, sizeof storage, "%s/storage", folder);
    snprintf(path, sizeof path, "%s/rnsd.pid", storage);
    return mkdir(storage, 0700);
}

static int remove_folder(void **state) {
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

// Another process, which takes the lock and waits to be ended. -1: it could not take it.
typedef struct {
    pid_t pid;
    int said; // what it says
} other_t;

static volatile sig_atomic_t heard;

static void hear(int number) {
    heard = number;
}

static void serve(int to) {
    pidfile_t file;
    pid_t holder;
    signal(SIGUSR1, hear);
    const char taken = (char)pidfile_take(&file, folder, &holder);
    if (write(to, &taken, 1) != 1) {
        _exit(1);
    }
    while (heard == 0) {
        pause();
    }
    const char got = (char)heard;
    _exit(write(to, &got, 1) == 1 ? 0 : 1);
}

static other_t start_other(void) {
    int ends[2];
    char taken = 'x';
    assert_int_equal(pipe(ends), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        serve(ends[1]);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &taken, 1), 1);
    assert_int_equal(taken, PIDFILE_OURS);
    return (other_t){pid, ends[0]};
}

static void end_other(other_t other) {
    kill(other.pid, SIGKILL);
    waitpid(other.pid, NULL, 0);
    close(other.said);
}

static void a_taken_directory_names_its_holder(void **state) {
    (void)state;
    pidfile_t file;
    pid_t holder = 0;
    const other_t other = start_other();
    assert_int_equal(pidfile_take(&file, folder, &holder), PIDFILE_TAKEN);
    assert_int_equal(holder, other.pid);
    assert_int_equal(file.fd, -1);
    holder = 0;
    assert_true(pidfile_holder(folder, &holder));
    assert_int_equal(holder, other.pid);
    end_other(other);
    pidfile_give(&file);
}

static void the_lock_goes_with_its_process(void **state) {
    (void)state;
    pidfile_t file;
    pid_t holder = 0;
    end_other(start_other());
    assert_false(pidfile_holder(folder, &holder));
    assert_int_equal(pidfile_take(&file, folder, &holder), PIDFILE_OURS);
    pidfile_give(&file);
    assert_int_equal(file.fd, -1);
}

static void the_number_is_in_the_file_while_it_is_held(void **state) {
    (void)state;
    pidfile_t file;
    pid_t holder = 0;
    char text[32] = "", want[32];
    assert_int_equal(pidfile_take(&file, folder, &holder), PIDFILE_OURS);
    int fd = open(path, O_RDONLY);
    const ssize_t size = read(fd, text, sizeof text - 1);
    snprintf(want, sizeof want, "%ld\n", (long)getpid());
    assert_int_equal(size, strlen(want));
    assert_string_equal(text, want);
    close(fd);
    pidfile_give(&file);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 0);
}

// A file with a number in it, but without a lock, is nobody's.
static void a_stale_number_is_not_believed(void **state) {
    (void)state;
    pid_t holder = 0;
    FILE *file = fopen(path, "w");
    fprintf(file, "%ld\n", (long)getpid());
    fclose(file);
    assert_false(pidfile_holder(folder, &holder));
    assert_int_equal(pidfile_signal(folder, getpid(), SIGTERM), ESRCH);
}

static void only_the_holder_is_signalled(void **state) {
    (void)state;
    char got = 0;
    const other_t other = start_other();
    assert_int_equal(pidfile_signal(folder, getpid(), SIGTERM), ESRCH); // we live on
    assert_int_equal(pidfile_signal(folder, other.pid, SIGUSR1), 0);
    assert_int_equal(read(other.said, &got, 1), 1);
    assert_int_equal(got, SIGUSR1);
    end_other(other);
    assert_int_equal(pidfile_signal(folder, other.pid, SIGUSR1), ESRCH);
}

static void without_a_folder_there_is_no_lock(void **state) {
    (void)state;
    pidfile_t file;
    pid_t holder = 0;
    char deep[5000];
    assert_int_equal(pidfile_take(&file, "/nowhere/at/all", &holder), PIDFILE_NONE);
    assert_int_equal(errno, ENOENT);
    assert_false(pidfile_holder("/nowhere/at/all", &holder));
    memset(deep, 'd', sizeof deep);
    deep[sizeof deep - 1] = 0;
    assert_int_equal(pidfile_take(&file, deep, &holder), PIDFILE_NONE);
    assert_int_equal(errno, ENAMETOOLONG);
}

// ---- Whole files

static void what_cannot_be_written_leaves_the_old_file(void **state) {
    (void)state;
    replace_t file;
    char beside[160], name[160], text[8] = "";
    assert_true(replace_begin(&file, folder, "whole"));
    fputs("old", file.out);
    assert_true(replace_end(&file));
    assert_true(replace_begin(&file, folder, "whole"));
    snprintf(beside, sizeof beside, "%s/whole.new", folder);
    snprintf(name, sizeof name, "%s/whole", folder);
    assert_int_equal(access(beside, F_OK), 0);
    file.out = freopen("/dev/full", "w", file.out);
    fputs("new", file.out);
    assert_false(replace_end(&file));
    assert_int_equal(errno, ENOSPC);
    assert_int_not_equal(access(beside, F_OK), 0);
    FILE *in = fopen(name, "r");
    assert_int_equal(fread(text, 1, sizeof text, in), 3);
    assert_string_equal(text, "old");
    fclose(in);
}

static void an_inventory_is_written_as_a_whole(void **state) {
    (void)state;
    inventory_t inventory, after;
    char name[160];
    inventory_plan(&inventory, RNS_PROFILE_MCU, NULL);
    assert_true(inventory_write(&inventory, folder));
    snprintf(name, sizeof name, "%s/storage/rnmem.json", folder);
    FILE *in = fopen(name, "r");
    assert_non_null(in);
    assert_true(inventory_read(&after, in));
    fclose(in);
    assert_string_equal(after.profile, "mcu");
    strcat(name, ".new");
    assert_int_not_equal(access(name, F_OK), 0);
    assert_false(inventory_write(&inventory, "/nowhere/at/all"));
    assert_int_equal(errno, ENOENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_taken_directory_names_its_holder),
        cmocka_unit_test(the_lock_goes_with_its_process),
        cmocka_unit_test(the_number_is_in_the_file_while_it_is_held),
        cmocka_unit_test(a_stale_number_is_not_believed),
        cmocka_unit_test(only_the_holder_is_signalled),
        cmocka_unit_test(without_a_folder_there_is_no_lock),
        cmocka_unit_test(what_cannot_be_written_leaves_the_old_file),
        cmocka_unit_test(an_inventory_is_written_as_a_whole),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
