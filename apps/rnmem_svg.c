// rnmem_svg.c -- the rows as a treemap for each region (squarified: Bruls, Huizing, van Wijk 2000),
// with patterns in place of colours. What is too small for its name has a number, or less, and
// stands in the list below.
#include "rnmem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_WIDTH  1000.0
#define MARGIN      20.0
#define HEAD        64.0  // title and legend
#define PANEL_HEAD  30.0  // a region's own title
#define FAST_HEIGHT 420.0 // of the boxes
#define BULK_HEIGHT 620.0
#define LIST_HEAD   34.0
#define LIST_LINE   15.0
#define COLUMNS     3U
#define FONT_MOST   15.0
#define FONT_LEAST  8.0
#define LETTER      0.66 // width of a letter, as part of the font's size, at most
#define LINE        1.25 // height of a line
#define PADDING     4.0
#define GAUGE       6.0 // height of what shows how full a row is

typedef struct {
    double x, y, width, height;
} box_t;

typedef struct {
    const rns_pool_info_t *row;
    box_t box;
    unsigned number; // in the list; 0: its name stands in the box
} cell_t;

typedef struct {
    const inventory_t *inventory;
    FILE *out;
    cell_t cells[INVENTORY_ROWS_MAX];
    size_t count; // of the region that is drawn
    uint64_t bytes;
    cell_t listed[INVENTORY_ROWS_MAX];
    size_t listed_count;
} picture_t;

// ---- Where the boxes are

static int svg_by_bytes(const void *a, const void *b) {
    const uint64_t x = ((const cell_t *)a)->row->bytes, y = ((const cell_t *)b)->row->bytes;
    return (x < y) - (x > y);
}

static void svg_gather(picture_t *p, rns_region_t region) {
    p->count = 0;
    p->bytes = 0;
    for (size_t i = 0; i < p->inventory->count; i++) {
        const rns_pool_info_t *row = &p->inventory->rows[i];
        if (row->region == region && row->bytes > 0) {
            p->cells[p->count++] = (cell_t){.row = row};
            p->bytes += row->bytes;
        }
    }
    qsort(p->cells, p->count, sizeof *p->cells, svg_by_bytes);
}

// The worst ratio of sides in a strip of such a length: of all its bytes, the least and the most.
static double svg_worst(double sum, double least, double most, double length) {
    const double a = length * length * most / (sum * sum),
                 b = sum * sum / (length * length * least);
    return a > b ? a : b;
}

// How many cells from `first` on the next strip along a side of this length takes, and their bytes.
static size_t svg_strip(const picture_t *p, size_t first, double length, double scale,
                        double *bytes) {
    const double most = (double)p->cells[first].row->bytes * scale;
    double sum = most, worst = svg_worst(sum, most, most, length);
    size_t end = first + 1;
    for (; end < p->count; end++) {
        const double next = (double)p->cells[end].row->bytes * scale;
        const double with_next = svg_worst(sum + next, next, most, length);
        if (with_next > worst) {
            break;
        }
        worst = with_next;
        sum += next;
    }
    *bytes = sum / scale;
    return end - first;
}

static void svg_place(picture_t *p, box_t left) {
    double bytes_left = (double)p->bytes;
    for (size_t first = 0; first < p->count;) {
        const double scale = left.width * left.height / bytes_left;
        const bool is_tall = left.height > left.width;
        const double length = is_tall ? left.width : left.height;
        double bytes = 0, at = 0;
        const size_t count = svg_strip(p, first, length, scale, &bytes);
        const double depth = bytes * scale / length;
        for (size_t i = first; i < first + count; i++) {
            const double side = (double)p->cells[i].row->bytes * scale / depth;
            p->cells[i].box = is_tall ? (box_t){left.x + at, left.y, side, depth}
                                      : (box_t){left.x, left.y + at, depth, side};
            at += side;
        }
        left = is_tall ? (box_t){left.x, left.y + depth, left.width, left.height - depth}
                       : (box_t){left.x + depth, left.y, left.width - depth, left.height};
        bytes_left -= bytes;
        first += count;
    }
}

// ---- Words and boxes

static void svg_size(double bytes, char *out, size_t size) {
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    for (; bytes >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++) {
        bytes /= 1024;
    }
    (void)snprintf(out, size, unit == 0 || bytes >= 100 ? "%.0f %s" : "%.1f %s", bytes,
                   units[unit]);
}

static void svg_text(FILE *out, double x, double y, double size, const char *style,
                     const char *text) {
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\"%s>%s</text>\n", x, y, size, style,
            text);
}

// A box with the pattern of a class; what makes room when it is full has a broken line.
static void svg_box(FILE *out, box_t box, rns_per_t per, rns_full_t full) {
    fprintf(out,
            "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"url(#%s)\" "
            "stroke=\"black\"%s/>\n",
            box.x, box.y, box.width, box.height, inventory_class(per),
            full == RNS_FULL_CULL ? " stroke-dasharray=\"5 2.5\"" : "");
}

static void svg_blank(FILE *out, double x, double y, double width, double height) {
    fprintf(out,
            "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"white\" "
            "stroke=\"none\"/>\n",
            x, y, width, height);
}

// ---- A cell

typedef struct {
    char line[4][48];
    size_t count;
} label_t;

static void svg_label(const picture_t *p, const rns_pool_info_t *row, label_t *label) {
    char size[24];
    svg_size((double)row->bytes, size, sizeof size);
    label->count = 3;
    (void)snprintf(label->line[0], sizeof label->line[0], "%s", row->name);
    (void)snprintf(label->line[1], sizeof label->line[1], "%s, %.1f %%", size,
                   100.0 * (double)row->bytes / (double)p->bytes);
    (void)snprintf(label->line[2], sizeof label->line[2], "%" PRIu32 " x %" PRIu32 " B", row->slots,
                   row->slot_bytes);
    if (p->inventory->is_live) {
        (void)snprintf(label->line[3], sizeof label->line[3], "%" PRIu32 " used, peak %" PRIu32,
                       row->used, row->peak);
        label->count = 4;
    }
}

// The font size at which so many lines of the label fit; 0: none does.
static double svg_font(const label_t *label, size_t lines, double width, double height) {
    size_t longest = 0;
    for (size_t i = 0; i < lines; i++) {
        const size_t length = strlen(label->line[i]);
        longest = length > longest ? length : longest;
    }
    double font = (width - 2 * PADDING) / ((double)longest * LETTER);
    const double by_height = (height - 2 * PADDING) / ((double)lines * LINE);
    font = by_height < font ? by_height : font;
    font = font < FONT_MOST ? font : FONT_MOST;
    return font >= FONT_LEAST ? font : 0;
}

// As many lines as there is room for, from all to the name alone; 0: not even that.
static size_t svg_lines(const label_t *label, double width, double height, double *font) {
    for (size_t lines = label->count; lines > 0; lines--) {
        *font = svg_font(label, lines, width, height);
        if (*font > 0) {
            return lines;
        }
    }
    return 0;
}

static void svg_lines_out(FILE *out, const label_t *label, size_t lines, double font, double x,
                          double y) {
    size_t longest = 0;
    for (size_t i = 0; i < lines; i++) {
        const size_t length = strlen(label->line[i]);
        longest = length > longest ? length : longest;
    }
    svg_blank(out, x - 1.5, y - 1, (double)longest * font * LETTER + 3,
              (double)lines * font * LINE + 2);
    for (size_t i = 0; i < lines; i++) {
        svg_text(out, x, y + font * LINE * (double)i + font, font,
                 i == 0 ? " font-weight=\"bold\"" : "", label->line[i]);
    }
}

// How full the row is, from left to right, and a stroke where it was fullest.
static void svg_gauge(FILE *out, const cell_t *cell) {
    const box_t *box = &cell->box;
    const double width = box->width - 2 * PADDING, y = box->y + box->height - GAUGE - PADDING;
    const double slots = cell->row->slots, peak = width * cell->row->peak / slots;
    fprintf(out,
            "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.1f\" fill=\"white\" "
            "stroke=\"black\" stroke-width=\"0.7\"/>\n",
            box->x + PADDING, y, width, GAUGE);
    fprintf(out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.1f\"/>\n", box->x + PADDING,
            y, width * cell->row->used / slots, GAUGE);
    fprintf(out, "<path d=\"M%.2f %.2fv%.1f\" stroke=\"black\" stroke-width=\"1.5\"/>\n",
            box->x + PADDING + peak, y - 2, GAUGE + 4);
}

// Too small for its name: a number that the list explains, if there is room for that.
static void svg_number(picture_t *p, cell_t *cell) {
    label_t label = {.count = 1};
    double font = 0;
    cell->number = (unsigned)p->listed_count + 1;
    p->listed[p->listed_count++] = *cell;
    (void)snprintf(label.line[0], sizeof label.line[0], "%u", cell->number);
    const double pad = 2 * PADDING - 3; // a number may stand close to the lines
    if (svg_lines(&label, cell->box.width + pad, cell->box.height + pad, &font) > 0) {
        font = font > 10 ? 10 : font;
        const double width = (double)strlen(label.line[0]) * font * LETTER;
        svg_lines_out(p->out, &label, 1, font, cell->box.x + (cell->box.width - width) / 2,
                      cell->box.y + (cell->box.height - font * LINE) / 2);
    }
}

static void svg_cell(picture_t *p, cell_t *cell) {
    const bool has_gauge = p->inventory->is_live && cell->box.width > 40 && cell->box.height > 40;
    const double height = cell->box.height - (has_gauge ? GAUGE + PADDING : 0);
    label_t label;
    double font = 0;
    svg_box(p->out, cell->box, cell->row->per, cell->row->full);
    svg_label(p, cell->row, &label);
    const size_t lines = svg_lines(&label, cell->box.width, height, &font);
    if (lines == 0) {
        svg_number(p, cell);
        return;
    }
    svg_lines_out(p->out, &label, lines, font, cell->box.x + PADDING, cell->box.y + PADDING);
    if (has_gauge) {
        svg_gauge(p->out, cell);
    }
}

// ---- The page

static double svg_panel(picture_t *p, rns_region_t region, double y, double height) {
    char title[96], size[24];
    svg_gather(p, region);
    svg_size((double)p->bytes, size, sizeof size);
    (void)snprintf(title, sizeof title, "%s: %s (%" PRIu64 " bytes)",
                   region == RNS_REGION_FAST ? "FAST" : "BULK", size, p->bytes);
    svg_text(p->out, MARGIN, y + 20, 16, " font-weight=\"bold\"", title);
    y += PANEL_HEAD;
    if (p->count == 0) {
        svg_text(p->out, MARGIN, y + 14, 12, "", "nothing");
        return y + 24;
    }
    svg_place(p, (box_t){MARGIN, y, PAGE_WIDTH - 2 * MARGIN, height});
    for (size_t i = 0; i < p->count; i++) {
        svg_cell(p, &p->cells[i]);
    }
    return y + height + 10;
}

static double svg_list(const picture_t *p, double y) {
    const size_t rows = (p->listed_count + COLUMNS - 1) / COLUMNS;
    if (p->listed_count == 0) {
        return y;
    }
    svg_text(p->out, MARGIN, y + 20, 13, " font-weight=\"bold\"",
             "Rows whose name has no room above");
    y += LIST_HEAD;
    for (size_t i = 0; i < p->listed_count; i++) {
        const rns_pool_info_t *row = p->listed[i].row;
        const size_t column = i / rows;
        char line[96], size[24];
        svg_size((double)row->bytes, size, sizeof size);
        (void)snprintf(line, sizeof line, "%u  %s: %s, %" PRIu32 " x %" PRIu32 " B, %s",
                       p->listed[i].number, row->name, size, row->slots, row->slot_bytes,
                       row->region == RNS_REGION_FAST ? "FAST" : "BULK");
        svg_text(p->out, MARGIN + (PAGE_WIDTH - 2 * MARGIN) / COLUMNS * (double)column,
                 y + LIST_LINE * (double)(i % rows) + 11, 11, "", line);
    }
    return y + LIST_LINE * (double)rows;
}

static const char PATTERNS[] =
    "<defs>\n"
    "<pattern id=\"startup\" width=\"10\" height=\"10\" patternUnits=\"userSpaceOnUse\">"
    "<rect width=\"10\" height=\"10\" fill=\"white\"/></pattern>\n"
    "<pattern id=\"link\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">"
    "<rect width=\"8\" height=\"8\" fill=\"white\"/><circle cx=\"4\" cy=\"4\" "
    "r=\"1.3\"/></pattern>\n"
    "<pattern id=\"transfer\" width=\"9\" height=\"9\" patternUnits=\"userSpaceOnUse\">"
    "<rect width=\"9\" height=\"9\" fill=\"white\"/><path d=\"M-2 2L2 -2M0 9L9 0M7 11L11 7\" "
    "stroke=\"black\" stroke-width=\"0.9\"/></pattern>\n"
    "<pattern id=\"packet\" width=\"10\" height=\"10\" patternUnits=\"userSpaceOnUse\">"
    "<rect width=\"10\" height=\"10\" fill=\"#dddddd\"/></pattern>\n"
    "</defs>\n";

static void svg_legend(FILE *out, double y) {
    static const char *const words[RNS_PER_COUNT] = {"taken at startup", "for each link",
                                                     "for each transfer", "for each packet"};
    static const double at[RNS_PER_COUNT] = {0, 150, 280, 425};
    for (rns_per_t per = 0; per < RNS_PER_COUNT; per++) {
        svg_box(out, (box_t){MARGIN + at[per], y, 26, 16}, per, RNS_FULL_REJECT);
        svg_text(out, MARGIN + at[per] + 33, y + 12, 12, "", words[per]);
    }
    svg_box(out, (box_t){MARGIN + 565, y, 26, 16}, RNS_PER_STARTUP, RNS_FULL_REJECT);
    svg_text(out, MARGIN + 598, y + 12, 12, "", "full: refuses");
    svg_box(out, (box_t){MARGIN + 700, y, 26, 16}, RNS_PER_STARTUP, RNS_FULL_CULL);
    svg_text(out, MARGIN + 733, y + 12, 12, "", "full: the oldest makes room");
}

// All but the head; how high the page is.
static double svg_body(picture_t *p) {
    char title[96];
    (void)snprintf(title, sizeof title, "Memory of a node, profile %s", p->inventory->profile);
    svg_text(p->out, MARGIN, 28, 20, " font-weight=\"bold\"", title);
    if (p->inventory->is_live) {
        svg_text(p->out, PAGE_WIDTH - MARGIN, 28, 12, " text-anchor=\"end\"",
                 "bars: used now, and a stroke at the most so far");
    }
    svg_legend(p->out, 40);
    double y = svg_panel(p, RNS_REGION_FAST, HEAD, FAST_HEIGHT);
    y = svg_panel(p, RNS_REGION_BULK, y, BULK_HEIGHT);
    return svg_list(p, y) + MARGIN;
}

void rnmem_svg(const inventory_t *inventory, FILE *out) {
    char *body = NULL;
    size_t size = 0;
    picture_t *p = calloc(1, sizeof *p);
    FILE *memory = open_memstream(&body, &size);
    if (p == NULL || memory == NULL) {
        abort(); // a few kilobytes at start
    }
    p->inventory = inventory;
    p->out = memory;
    const double height = svg_body(p);
    if (fclose(memory) != 0) {
        abort();
    }
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
            "height=\"%.0f\" font-family=\"DejaVu Sans, Arial, Helvetica, sans-serif\">\n",
            PAGE_WIDTH, height, PAGE_WIDTH, height);
    fputs(PATTERNS, out);
    svg_blank(out, 0, 0, PAGE_WIDTH, height);
    fputs(body, out);
    fputs("</svg>\n", out);
    free(body);
    free(p);
}
