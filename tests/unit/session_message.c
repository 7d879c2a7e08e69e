// Handlers of messages: who is asked, in which order, and what they may do meanwhile.
#include "channel_help.h"
#include "rns/inspect.h"

#define HANDLERS 6U
#define RING     430U // of a stream: more than a message holds

typedef struct app app_t;

// A handler that writes down what it is asked about, and then does something.
typedef struct {
    rns_channel_handler_t lent;
    app_t *app;
    char name;
    bool takes;
    void (*act)(app_t *app, rns_node_t *node, const rns_event_t *message);
} each_t;

// All handlers of one channel, at b.
struct app {
    bed_t bed;
    rns_link_t other; // of b
    rns_buffer_t reader;
    each_t each[HANDLERS];
    char log[64]; // names of those that were asked
    bool is_ready;
    unsigned asked_ready;
    rns_event_t message; // that was told last; its text
    char text[16];
};

static bool take(void *user, rns_node_t *node, const rns_event_t *message) {
    each_t *each = user;
    app_t *app = each->app;
    assert_ptr_equal(node, app->bed.p->b.node);
    strncat(app->log, &each->name, 1);
    app->message = *message;
    assert_true(message->data.size < sizeof app->text);
    memset(app->text, 0, sizeof app->text);
    memcpy(app->text, message->data.data, message->data.size);
    if (each->act != NULL) {
        each->act(app, node, message);
    }
    return each->takes;
}

static bool ready(void *user) {
    const each_t *each = user;
    each->app->asked_ready++;
    return each->app->is_ready;
}

// Handlers "a", "b", ...: none of them added, all of TYPE, none takes.
static void open_app(app_t *app, pair_setup_t setup) {
    memset(app, 0, sizeof *app);
    open_with(&app->bed, setup);
    for (unsigned i = 0; i < HANDLERS; i++) {
        each_t *each = &app->each[i];
        *each = (each_t){.app = app, .name = (char)('a' + i)};
        each->lent = (rns_channel_handler_t){.type = TYPE, .take = take, .user = each};
    }
}

static void close_app(app_t *app) {
    close_bed(&app->bed);
}

static rns_err_t add(app_t *app, unsigned i) {
    return rns_channel_handler_add(app->bed.p->b.node, app->bed.b, &app->each[i].lent);
}

static rns_err_t drop(app_t *app, unsigned i) {
    return rns_channel_handler_remove(app->bed.p->b.node, app->bed.b, &app->each[i].lent);
}

static void add_all(app_t *app, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(add(app, i), RNS_ERR_OK);
    }
}

static uint16_t next_sequence(const app_t *app) {
    return channel_b(&app->bed)->next_rx;
}

// The next message goes to these handlers.
static void assert_asked(app_t *app, unsigned type, const char *expected) {
    app->log[0] = 0;
    assert_int_equal(craft(&app->bed, type, next_sequence(app), "x"), RNS_RX_DELIVERED);
    assert_string_equal(app->log, expected);
}

static size_t told(const app_t *app) {
    return pair_count(&app->bed.p->b, RNS_EV_CHANNEL);
}

static uint32_t rows(const app_t *app) {
    return pair_used(&app->bed.p->b, RNS_POOL_MESSAGE_TYPE);
}

// ---- The usual

static void handler_sees_the_message(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    app.each[0].takes = true;
    add_all(&app, 1);
    assert_int_equal(craft(&app.bed, TYPE, 0, "hello"), RNS_RX_DELIVERED);
    assert_int_equal(app.message.type, RNS_EV_CHANNEL);
    assert_int_equal(app.message.link.slot, app.bed.b.slot);
    assert_int_equal(app.message.link.gen, app.bed.b.gen);
    assert_int_equal(app.message.number, TYPE);
    assert_int_equal(app.message.sequence, 0);
    assert_int_equal(app.message.at, app.bed.p->now - app.bed.p->delay);
    assert_true(app.message.has_data);
    assert_string_equal(app.text, "hello");
    assert_int_equal(app.bed.proofs_to_a, 1);
    close_app(&app);
}

// What the reference's _run_callbacks does with True, False and an exception.
static void first_that_takes_a_message_ends_it(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    add_all(&app, 3);
    assert_asked(&app, TYPE, "abc");
    assert_int_equal(told(&app), 1); // nobody has taken it
    app.each[1].takes = true;
    assert_asked(&app, TYPE, "ab");
    app.each[0].takes = true;
    assert_asked(&app, TYPE, "a");
    assert_int_equal(told(&app), 1);
    close_app(&app);
}

static void messages_that_came_early_are_handled_in_order(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    app.each[0].takes = true;
    add_all(&app, 1);
    assert_int_equal(craft(&app.bed, TYPE, 2, "c"), RNS_RX_QUEUED);
    assert_int_equal(craft(&app.bed, TYPE, 1, "b"), RNS_RX_QUEUED);
    assert_string_equal(app.log, "");
    assert_int_equal(craft(&app.bed, TYPE, 0, "a"), RNS_RX_DELIVERED);
    assert_string_equal(app.log, "aaa");
    assert_string_equal(app.text, "c");
    assert_int_equal(told(&app), 0);
    close_app(&app);
}

static void handlers_are_asked_about_their_type_alone(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    app.each[1].lent.type = 7;
    app.each[2].lent.type = RNS_CHANNEL_ANY;
    app.each[3].lent.type = 0;
    add_all(&app, 5);
    assert_asked(&app, TYPE, "ace");
    assert_asked(&app, 7, "bc");
    assert_asked(&app, 0, "cd");
    assert_asked(&app, 9, "c");
    close_app(&app);
}

static void handler_has_its_type_taken_while_it_is_there(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    add_all(&app, 1);
    assert_int_equal(craft(&app.bed, 7, 0, "no"), RNS_RX_NO_CHANNEL);
    assert_asked(&app, TYPE, "a");
    assert_int_equal(rns_channel_register(app.bed.p->b.node, app.bed.b, 7), RNS_ERR_OK);
    assert_asked(&app, 7, "");
    assert_int_equal(drop(&app, 0), RNS_ERR_OK);
    assert_int_equal(craft(&app.bed, TYPE, 3, "no"), RNS_RX_NO_CHANNEL);
    assert_int_equal(told(&app), 2); // of TYPE, which was not taken, and 7
    app.each[1].lent.type = RNS_CHANNEL_ANY;
    assert_int_equal(add(&app, 1), RNS_ERR_OK);
    assert_asked(&app, TYPE, "b");
    assert_asked(&app, 9, "b");
    close_app(&app);
}

static void without_types_and_handlers_all_are_taken_again(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    add_all(&app, 1);
    assert_int_equal(craft(&app.bed, 7, 0, "no"), RNS_RX_NO_CHANNEL);
    assert_int_equal(drop(&app, 0), RNS_ERR_OK);
    assert_asked(&app, 7, "");
    assert_int_equal(told(&app), 1);
    close_app(&app);
}

static void handlers_never_see_streams_or_reserved_types(void **state) {
    (void)state;
    uint8_t ring[1024];
    rns_buffer_t reader, writer;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    pair_t *p = app.bed.p;
    app.each[0].lent.type = RNS_CHANNEL_ANY;
    add_all(&app, 1);
    assert_int_equal(
        rns_buffer_reader(p->b.node, p->now, app.bed.b, 3, (rns_mem_t){ring, sizeof ring}, &reader),
        RNS_ERR_OK);
    assert_int_equal(rns_buffer_writer(p->a.node, p->now, app.bed.a, 3, &writer), RNS_ERR_OK);
    assert_int_equal(rns_buffer_write(p->a.node, p->now, writer, pair_text("stream")), 6);
    pair_run(p, SECOND);
    assert_int_equal(rns_buffer_waiting(p->b.node, reader), 6);
    assert_int_equal(craft(&app.bed, 0xF000, 1, "x"), RNS_RX_NO_CHANNEL);
    assert_string_equal(app.log, "");
    close_app(&app);
}

// ---- What is refused

static void handler_that_could_take_nothing_is_refused(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    app.each[0].lent.take = NULL;
    app.each[1].lent.type = RNS_CHANNEL_NO_TYPE;
    app.each[2].lent.type = 0xF000;
    app.each[3].lent.type = RNS_CHANNEL_ANY + 1;
    app.each[4].lent.ready = ready;
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(add(&app, i), RNS_ERR_ARG);
    }
    assert_int_equal(app.asked_ready, 1);
    assert_int_equal(rows(&app), 0);
    app.is_ready = true;
    app.each[3].lent.type = 0xEFFF;
    assert_int_equal(add(&app, 3), RNS_ERR_OK);
    assert_int_equal(add(&app, 4), RNS_ERR_OK);
    assert_asked(&app, TYPE, "e");
    assert_int_equal(app.asked_ready, 2); // not for a message
    close_app(&app);
}

static void what_has_no_type_is_neither_sent_nor_registered(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    rns_node_t *node = app.bed.p->b.node;
    static const uint32_t TYPES[] = {RNS_CHANNEL_NO_TYPE, RNS_CHANNEL_ANY, 0x10000 + TYPE};
    for (size_t i = 0; i < ITEMS(TYPES); i++) {
        assert_int_equal(
            rns_channel_send(node, app.bed.p->now, app.bed.b, TYPES[i], pair_text("x"), NULL),
            RNS_ERR_ARG);
        assert_int_equal(rns_channel_register(node, app.bed.b, TYPES[i]), RNS_ERR_ARG);
    }
    assert_int_equal(channel_b(&app.bed)->next_tx, 0);
    assert_int_equal(rows(&app), 0);
    close_app(&app);
}

static void handler_needs_an_open_channel(void **state) {
    (void)state;
    app_t app = {0};
    const rns_channel_handler_t handler = {.type = TYPE, .take = take, .user = &app};
    open_links(&app.bed, (pair_setup_t){0});
    rns_node_t *node = app.bed.p->b.node;
    assert_int_equal(rns_channel_handler_add(node, app.bed.b, &handler), RNS_ERR_STATE);
    assert_int_equal(rns_channel_handler_remove(node, app.bed.b, &handler), RNS_ERR_STATE);
    rns_link_close(node, app.bed.p->now, app.bed.b);
    assert_int_equal(rns_channel_handler_add(node, app.bed.b, &handler), RNS_ERR_GONE);
    assert_int_equal(rns_channel_handler_remove(node, app.bed.b, &handler), RNS_ERR_GONE);
    close_app(&app);
}

static void handler_that_is_there_keeps_its_place(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    assert_int_equal(drop(&app, 0), RNS_ERR_GONE);
    add_all(&app, 3);
    assert_int_equal(add(&app, 0), RNS_ERR_OK);
    assert_int_equal(rows(&app), 3);
    assert_asked(&app, TYPE, "abc");
    assert_int_equal(drop(&app, 1), RNS_ERR_OK);
    assert_int_equal(drop(&app, 1), RNS_ERR_GONE);
    assert_int_equal(rows(&app), 2);
    assert_asked(&app, TYPE, "ac");
    assert_int_equal(add(&app, 1), RNS_ERR_OK);
    assert_asked(&app, TYPE, "acb");
    close_app(&app);
}

// ---- What a handler may do

static void close_link(app_t *app, rns_node_t *node, const rns_event_t *message) {
    rns_link_close(node, app->bed.p->now, message->link);
}

static void link_may_be_closed_by_a_handler(void **state) {
    (void)state;
    for (int takes = 0; takes < 2; takes++) {
        app_t app;
        open_app(&app, (pair_setup_t){0});
        app.each[1].act = close_link;
        app.each[1].takes = takes != 0;
        add_all(&app, 3);
        assert_int_equal(craft(&app.bed, TYPE, 1, "b"), RNS_RX_QUEUED);
        assert_int_equal(craft(&app.bed, TYPE, 0, "a"), RNS_RX_DELIVERED);
        assert_string_equal(app.log, "ab"); // lent until then: the third is the application's
        assert_int_equal(told(&app), 0);
        assert_int_equal(rows(&app), 0);
        assert_int_equal(pair_count(&app.bed.p->b, RNS_EV_LINK_DOWN), 1);
        close_app(&app);
    }
}

// The channel of another link, which comes into the same slot, has a handler of its own.
static void open_other(app_t *app, rns_node_t *node, const rns_event_t *message) {
    rns_link_close(node, app->bed.p->now, message->link);
    assert_int_equal(rns_channel_open(node, app->bed.p->now, app->other), RNS_ERR_OK);
    assert_int_equal(rns_channel_handler_add(node, app->other, &app->each[3].lent), RNS_ERR_OK);
}

static void channel_in_the_same_slot_is_another(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_CHANNEL] = 1};
    app_t app;
    rns_link_t a2;
    open_app(&app, (pair_setup_t){.count = count});
    pair_link(app.bed.p, &a2, &app.other);
    app.each[0].act = open_other;
    add_all(&app, 3);
    assert_asked(&app, TYPE, "a");
    assert_int_equal(told(&app), 0);
    rns_link_close(app.bed.p->b.node, app.bed.p->now, app.other);
    close_app(&app);
}

static void drop_own(app_t *app, rns_node_t *node, const rns_event_t *message) {
    const unsigned own = (unsigned)(app->log[strlen(app->log) - 1] - 'a');
    assert_int_equal(rns_channel_handler_remove(node, message->link, &app->each[own].lent),
                     RNS_ERR_OK);
    memset(&app->each[own].lent, 0xEE, sizeof app->each[own].lent); // its memory is used again
}

static void handler_may_remove_itself(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        static const char *const AFTER[] = {"bc", "ac", "ab"};
        app_t app;
        open_app(&app, (pair_setup_t){0});
        app.each[i].act = drop_own;
        add_all(&app, 3);
        assert_asked(&app, TYPE, "abc");
        assert_asked(&app, TYPE, AFTER[i]);
        assert_int_equal(rows(&app), 2);
        close_app(&app);
    }
}

static void drop_third(app_t *app, rns_node_t *node, const rns_event_t *message) {
    assert_int_equal(rns_channel_handler_remove(node, message->link, &app->each[2].lent),
                     RNS_ERR_OK);
}

static void handler_may_remove_others(void **state) {
    (void)state;
    static const struct {
        unsigned by;
        const char *now;
    } CASES[] = {{0, "abd"}, {1, "abd"}, {3, "abcd"}}; // behind the next, the next, the one before
    for (size_t c = 0; c < ITEMS(CASES); c++) {
        const unsigned i = CASES[c].by;
        app_t app;
        open_app(&app, (pair_setup_t){0});
        app.each[i].act = drop_third;
        add_all(&app, 4);
        assert_asked(&app, TYPE, CASES[c].now);
        app.each[i].act = NULL;
        assert_asked(&app, TYPE, "abd");
        close_app(&app);
    }
}

static void drop_all(app_t *app, rns_node_t *node, const rns_event_t *message) {
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(rns_channel_handler_remove(node, message->link, &app->each[i].lent),
                         RNS_ERR_OK);
    }
}

static void handler_may_remove_all(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    app.each[1].act = drop_all;
    add_all(&app, 3);
    assert_asked(&app, TYPE, "ab");
    assert_int_equal(rows(&app), 0);
    assert_int_equal(told(&app), 1);
    close_app(&app);
}

static void add_fourth(app_t *app, rns_node_t *node, const rns_event_t *message) {
    assert_int_equal(rns_channel_handler_add(node, message->link, &app->each[3].lent), RNS_ERR_OK);
}

// As in the reference, which goes through a copy of its list.
static void handler_that_is_added_is_asked_from_the_next_message_on(void **state) {
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        app_t app;
        open_app(&app, (pair_setup_t){0});
        app.each[i].act = add_fourth;
        add_all(&app, 3);
        assert_asked(&app, TYPE, "abc");
        assert_asked(&app, TYPE, "abcd");
        assert_int_equal(rows(&app), 4);
        close_app(&app);
    }
}

static void move_to_the_end(app_t *app, rns_node_t *node, const rns_event_t *message) {
    const rns_channel_handler_t *handler = &app->each[0].lent;
    assert_int_equal(rns_channel_handler_remove(node, message->link, handler), RNS_ERR_OK);
    assert_int_equal(rns_channel_handler_add(node, message->link, handler), RNS_ERR_OK);
}

static void handler_that_is_added_again_is_not_asked_again(void **state) {
    (void)state;
    for (unsigned count = 1; count <= 3; count += 2) { // with one, its own slot is taken again
        const uint32_t slots[RNS_POOL_COUNT] = {[RNS_POOL_MESSAGE_TYPE] = count};
        app_t app;
        open_app(&app, (pair_setup_t){.count = slots});
        app.each[0].act = move_to_the_end;
        add_all(&app, count);
        assert_asked(&app, TYPE, count == 1 ? "a" : "abc");
        app.each[0].act = NULL;
        assert_asked(&app, TYPE, count == 1 ? "a" : "bca");
        close_app(&app);
    }
}

static void add_and_drop(app_t *app, rns_node_t *node, const rns_event_t *message) {
    for (unsigned i = 3; i < 6; i++) {
        assert_int_equal(rns_channel_handler_add(node, message->link, &app->each[i].lent),
                         RNS_ERR_OK);
    }
    for (unsigned i = 2; i < 4; i++) { // the next one, and the first of the new ones
        assert_int_equal(rns_channel_handler_remove(node, message->link, &app->each[i].lent),
                         RNS_ERR_OK);
    }
}

static void new_handlers_are_not_asked_when_the_first_of_them_is_gone(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    app.each[1].act = add_and_drop;
    add_all(&app, 3);
    assert_asked(&app, TYPE, "ab");
    app.each[1].act = NULL;
    assert_asked(&app, TYPE, "abef");
    close_app(&app);
}

static void answer(app_t *app, rns_node_t *node, const rns_event_t *message) {
    assert_int_equal(
        rns_channel_send(node, app->bed.p->now, message->link, TYPE, message->data, NULL),
        RNS_ERR_OK);
}

static void handler_may_answer(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    app.each[0].act = answer;
    app.each[0].takes = true;
    add_all(&app, 1);
    assert_int_equal(craft(&app.bed, TYPE, 1, "b"), RNS_RX_QUEUED);
    assert_int_equal(craft(&app.bed, TYPE, 0, "a"), RNS_RX_DELIVERED);
    pair_run(app.bed.p, SECOND);
    assert_heard(&app.bed.p->a, "ab");
    close_app(&app);
}

static void read_other(app_t *app, rns_node_t *node, const rns_event_t *message) {
    uint8_t out[RING];
    (void)message;
    assert_int_equal(
        rns_buffer_read(node, app->bed.p->now, app->reader, (rns_mem_t){out, sizeof out}, NULL),
        300);
}

// A handler reads a stream that was full, and messages that waited behind it go to the handlers of
// their own channel.
static void handler_may_let_another_channel_go_on(void **state) {
    (void)state;
    uint8_t ring[RING];
    char part[303]; // of the stream that its first two bytes say
    app_t app;
    rns_link_t a2;
    open_app(&app, (pair_setup_t){0});
    pair_t *p = app.bed.p;
    pair_link(p, &a2, &app.other);
    assert_int_equal(rns_channel_open(p->b.node, p->now, app.other), RNS_ERR_OK);
    assert_int_equal(rns_buffer_reader(p->b.node, p->now, app.other, 0x2121,
                                       (rns_mem_t){ring, sizeof ring}, &app.reader),
                     RNS_ERR_OK);
    for (unsigned i = 4; i < 6; i++) {
        assert_int_equal(rns_channel_handler_add(p->b.node, app.other, &app.each[i].lent),
                         RNS_ERR_OK);
    }
    const rns_link_t a = app.bed.a;
    app.bed.a = a2;
    memset(part, '!', sizeof part - 1);
    part[sizeof part - 1] = 0;
    assert_int_equal(craft(&app.bed, TYPE, 2, "behind"), RNS_RX_QUEUED);
    assert_int_equal(craft(&app.bed, 0xFF00, 1, part), RNS_RX_QUEUED);
    assert_int_equal(craft(&app.bed, 0xFF00, 0, part), RNS_RX_DELIVERED);
    app.bed.a = a;
    app.each[0].act = read_other;
    add_all(&app, 3);
    assert_asked(&app, TYPE, "aefbc");
    assert_int_equal(told(&app), 2);
    rns_link_close(p->b.node, p->now, app.other);
    close_app(&app);
}

static bool close_when_asked(void *user) {
    const app_t *app = ((const each_t *)user)->app;
    rns_link_close(app->bed.p->b.node, app->bed.p->now, app->bed.b);
    return true;
}

static void link_may_be_closed_while_a_handler_is_added(void **state) {
    (void)state;
    app_t app;
    open_app(&app, (pair_setup_t){0});
    app.each[1].lent.ready = close_when_asked;
    add_all(&app, 1);
    assert_int_equal(add(&app, 1), RNS_ERR_GONE);
    assert_int_equal(rows(&app), 0);
    close_app(&app);
}

// ---- Rows

static void handlers_take_rows_until_they_are_removed_or_the_link_ends(void **state) {
    (void)state;
    const uint32_t count[RNS_POOL_COUNT] = {[RNS_POOL_MESSAGE_TYPE] = 3};
    app_t app;
    rns_inspect_channel_t seen;
    open_app(&app, (pair_setup_t){.count = count});
    rns_node_t *node = app.bed.p->b.node;
    assert_int_equal(rns_channel_register(node, app.bed.b, TYPE), RNS_ERR_OK);
    add_all(&app, 2);
    assert_int_equal(add(&app, 2), RNS_ERR_FULL);
    assert_asked(&app, TYPE, "ab");
    assert_int_equal(rns_inspect_channel(node, app.bed.b, &seen), RNS_ERR_OK);
    assert_int_equal(seen.types, 1);
    assert_int_equal(seen.handlers, 2);
    assert_int_equal(drop(&app, 0), RNS_ERR_OK);
    assert_int_equal(add(&app, 2), RNS_ERR_OK);
    assert_asked(&app, TYPE, "bc");
    assert_int_equal(rows(&app), 3);
    rns_link_close(node, app.bed.p->now, app.bed.b);
    assert_int_equal(rows(&app), 0);
    close_app(&app);
}

static void links_may_share_a_handler(void **state) {
    (void)state;
    app_t app;
    rns_link_t a2, b2;
    open_app(&app, (pair_setup_t){0});
    pair_link(app.bed.p, &a2, &b2);
    assert_int_equal(rns_channel_open(app.bed.p->b.node, app.bed.p->now, b2), RNS_ERR_OK);
    add_all(&app, 1);
    assert_int_equal(rns_channel_handler_add(app.bed.p->b.node, b2, &app.each[0].lent), RNS_ERR_OK);
    assert_int_equal(rows(&app), 2);
    rns_link_close(app.bed.p->b.node, app.bed.p->now, b2);
    pair_run(app.bed.p, SECOND);
    assert_int_equal(rows(&app), 1);
    assert_asked(&app, TYPE, "a");
    close_app(&app);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(handler_sees_the_message),
        cmocka_unit_test(first_that_takes_a_message_ends_it),
        cmocka_unit_test(messages_that_came_early_are_handled_in_order),
        cmocka_unit_test(handlers_are_asked_about_their_type_alone),
        cmocka_unit_test(handler_has_its_type_taken_while_it_is_there),
        cmocka_unit_test(without_types_and_handlers_all_are_taken_again),
        cmocka_unit_test(handlers_never_see_streams_or_reserved_types),
        cmocka_unit_test(handler_that_could_take_nothing_is_refused),
        cmocka_unit_test(what_has_no_type_is_neither_sent_nor_registered),
        cmocka_unit_test(handler_needs_an_open_channel),
        cmocka_unit_test(handler_that_is_there_keeps_its_place),
        cmocka_unit_test(link_may_be_closed_by_a_handler),
        cmocka_unit_test(channel_in_the_same_slot_is_another),
        cmocka_unit_test(handler_may_remove_itself),
        cmocka_unit_test(handler_may_remove_others),
        cmocka_unit_test(handler_may_remove_all),
        cmocka_unit_test(handler_that_is_added_is_asked_from_the_next_message_on),
        cmocka_unit_test(handler_that_is_added_again_is_not_asked_again),
        cmocka_unit_test(new_handlers_are_not_asked_when_the_first_of_them_is_gone),
        cmocka_unit_test(handler_may_answer),
        cmocka_unit_test(handler_may_let_another_channel_go_on),
        cmocka_unit_test(link_may_be_closed_while_a_handler_is_added),
        cmocka_unit_test(handlers_take_rows_until_they_are_removed_or_the_link_ends),
        cmocka_unit_test(links_may_share_a_handler),
    };
    return cmocka_run_group_tests_name("session message", tests, NULL, NULL);
}
