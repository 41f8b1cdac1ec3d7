/* Counts the lines of a file in which any of some literal texts occurs, with vectorscan (or hyperscan):
 *
 *     cc -O2 vectorscan.c -lhs -o vectorscan && ./vectorscan patterns.txt log
 *
 * Blocks of whole lines are scanned; a line counts once. Built and run by speed.py where the library
 * is installed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK (256 << 10)

static unsigned long long lines, line_end;
static const char *text;
static size_t text_bytes;

static int on_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context) {
    (void)id, (void)from, (void)flags, (void)context;
    if (to > line_end) {
        lines++;
        const char *feed = memchr(text + to - 1, '\n', text_bytes - (to - 1));
        line_end = feed ? (unsigned long long)(feed - text) : text_bytes;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    FILE *list = fopen(argv[1], "r");
    int fd = open(argv[2], O_RDONLY);
    if (!list || fd < 0) return 2;
    unsigned count = 0, room = 1024;
    char **patterns = malloc(room * sizeof *patterns);
    char *line = NULL;
    size_t line_room = 0;
    ssize_t length;
    while ((length = getline(&line, &line_room, list)) > 0) {
        if (line[length - 1] == '\n') line[length - 1] = 0;
        if (count == room) patterns = realloc(patterns, (room *= 2) * sizeof *patterns);
        patterns[count++] = strdup(line);
    }
    size_t *lengths = malloc(count * sizeof *lengths);
    unsigned *flags = malloc(count * sizeof *flags), *ids = malloc(count * sizeof *ids);
    for (unsigned at = 0; at < count; at++) {
        lengths[at] = strlen(patterns[at]);
        flags[at] = 0;
        ids[at] = at;
    }
    hs_database_t *database;
    hs_compile_error_t *error;
    if (hs_compile_lit_multi((const char *const *)patterns, flags, ids, lengths, count, HS_MODE_BLOCK, NULL, &database, &error)) {
        fprintf(stderr, "%s\n", error->message);
        return 1;
    }
    hs_scratch_t *scratch = NULL;
    if (hs_alloc_scratch(database, &scratch)) return 1;
    static char buffer[2 * BLOCK];
    size_t carried = 0;
    ssize_t got;
    while ((got = read(fd, buffer + carried, sizeof buffer - carried)) > 0) {
        size_t filled = carried + got;
        char *last = memrchr(buffer, '\n', filled);
        size_t whole = last ? (size_t)(last - buffer) + 1 : filled;
        text = buffer, text_bytes = whole, line_end = 0;
        if (hs_scan(database, buffer, whole, 0, scratch, on_hit, NULL)) return 1;
        carried = filled - whole;
        memmove(buffer, buffer + whole, carried);
    }
    if (carried) {
        text = buffer, text_bytes = carried, line_end = 0;
        if (hs_scan(database, buffer, carried, 0, scratch, on_hit, NULL)) return 1;
    }
    printf("%llu\n", lines);
    return 0;
}
