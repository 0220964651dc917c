/* Preloaded into a process: kills it at the n-th call that changes a file whose path begins with a prefix.

   Built by tests/kills.py. What a killed process has written stays in the page cache, so the calls are all the states
   that a SIGKILL between two calls can leave. `torn`: the n-th call, if it writes into a file beside the store (journal,
   logs, copy), writes half of its bytes before. Not into the store itself: DuckDB writes blocks of its metadata anew in
   their place, and half of such a block is damage. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char watched[4096];
static long kill_at = -1, torn = 0, seen = 0;

void arm(const char *prefix, long at, long half) {
    strncpy(watched, prefix, sizeof watched - 1);
    kill_at = at, torn = half, seen = 0;
}

long calls(void) { return seen; }

static int counts(const char *path) { return watched[0] && path && strncmp(path, watched, strlen(watched)) == 0; }

static __thread int beside;

static int counts_file(int file) {
    char link[64], path[4096];
    beside = 0;
    if (!watched[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    beside = strcmp(path, watched) != 0;
    return counts(path);
}

static int is_last(int counted) { return counted && __sync_add_and_fetch(&seen, 1) == kill_at; }

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = dlsym(RTLD_NEXT, #name)
#define WRITER(name, off) ssize_t name(int file, const void *data, size_t size, off at) { \
    REAL(name); if (is_last(counts_file(file))) { if (torn && beside) real(file, data, size / 2, at); die(); } \
    return real(file, data, size, at); }
#define FILE_CALL(name, ...) { REAL(name); if (is_last(counts_file(file))) die(); return real(__VA_ARGS__); }

ssize_t write(int file, const void *data, size_t size) {
    REAL(write);
    if (is_last(counts_file(file))) { if (torn && beside) real(file, data, size / 2); die(); }
    return real(file, data, size);
}
WRITER(pwrite, off_t)
WRITER(pwrite64, off64_t)
int fsync(int file) FILE_CALL(fsync, file)
int fdatasync(int file) FILE_CALL(fdatasync, file)
int ftruncate(int file, off_t size) FILE_CALL(ftruncate, file, size)
int ftruncate64(int file, off64_t size) FILE_CALL(ftruncate64, file, size)
int rename(const char *from, const char *to) { REAL(rename); if (is_last(counts(from))) die(); return real(from, to); }
int unlink(const char *path) { REAL(unlink); if (is_last(counts(path))) die(); return real(path); }
int remove(const char *path) { REAL(remove); if (is_last(counts(path))) die(); return real(path); }
