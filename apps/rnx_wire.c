// rnx_wire.c -- commands and results as rnx sends them: msgpack arrays (RNS/Utilities/rnx.py).
#include "wire/msgpack.h"

#include "rnx.h"

#define COMMAND_ITEMS 5U
#define RESULT_ITEMS  8U

// ---- Commands: [command, timeout, stdout limit, stderr limit, input]

static void write_limit(rnsi_writer_t *writer, uint64_t most) {
    if (most == UINT64_MAX) {
        rnsi_msgpack_nil(writer);
    } else {
        rnsi_msgpack_uint(writer, most);
    }
}

static void write_bytes(rnsi_writer_t *writer, bool has, rns_bytes_t bytes) {
    if (has) {
        rnsi_msgpack_bin(writer, bytes);
    } else {
        rnsi_msgpack_nil(writer);
    }
}

static void write_number(rnsi_writer_t *writer, bool has, double number) {
    if (has) {
        rnsi_msgpack_float(writer, number);
    } else {
        rnsi_msgpack_nil(writer);
    }
}

size_t rnx_command_write(const rnx_command_t *command, rns_mem_t out) {
    rnsi_writer_t writer = rnsi_writer(out);
    rnsi_msgpack_array(&writer, COMMAND_ITEMS);
    rnsi_msgpack_bin(&writer, command->command);
    write_number(&writer, command->has_timeout, command->timeout_s);
    write_limit(&writer, command->most[0]);
    write_limit(&writer, command->most[1]);
    write_bytes(&writer, command->has_input, command->input);
    return writer.ok ? rnsi_written(&writer) : 0;
}

// A number, or nil. A limit below zero is none to the reference but for one byte at its end.
static bool read_number(rnsi_reader_t *reader, bool *has, double *number) {
    rnsi_msgpack_t value;
    if (!rnsi_msgpack_read(reader, &value)) {
        return false;
    }
    *has = value.type != RNSI_MSGPACK_NIL;
    *number = value.type == RNSI_MSGPACK_UINT       ? (double)value.uint
              : value.type == RNSI_MSGPACK_NEGATIVE ? (double)value.negative
              : value.type == RNSI_MSGPACK_FLOAT    ? value.real
                                                    : 0;
    return !*has || value.type == RNSI_MSGPACK_UINT || value.type == RNSI_MSGPACK_NEGATIVE ||
           (value.type == RNSI_MSGPACK_FLOAT && value.real == value.real);
}

static bool read_limit(rnsi_reader_t *reader, uint64_t *most) {
    bool has;
    double number;
    if (!read_number(reader, &has, &number)) {
        return false;
    }
    *most = !has || number >= 1e18 ? UINT64_MAX : number > 0 ? (uint64_t)number : 0;
    return true;
}

static bool read_bytes(rnsi_reader_t *reader, bool *has, rns_bytes_t *bytes) {
    rnsi_msgpack_t value;
    if (!rnsi_msgpack_read(reader, &value)) {
        return false;
    }
    *has = value.type == RNSI_MSGPACK_BIN;
    *bytes = *has ? value.bytes : (rns_bytes_t){NULL, 0};
    return *has || value.type == RNSI_MSGPACK_NIL;
}

bool rnx_command_read(rns_bytes_t in, rnx_command_t *command) {
    rnsi_reader_t reader = rnsi_reader(in);
    uint32_t items;
    return rnsi_msgpack_read_array(&reader, &items) && items >= COMMAND_ITEMS &&
           rnsi_msgpack_read_bin(&reader, &command->command) &&
           read_number(&reader, &command->has_timeout, &command->timeout_s) &&
           read_limit(&reader, &command->most[0]) && read_limit(&reader, &command->most[1]) &&
           read_bytes(&reader, &command->has_input, &command->input);
}

// ---- Results: [executed, exit code, stdout, stderr, bytes of stdout, of stderr, start, end]

size_t rnx_result_write(const rnx_result_t *result, rns_mem_t out) {
    rnsi_writer_t writer = rnsi_writer(out);
    rnsi_msgpack_array(&writer, RESULT_ITEMS);
    rnsi_msgpack_bool(&writer, result->is_executed);
    if (result->has_code) {
        rnsi_msgpack_int(&writer, result->code);
    } else {
        rnsi_msgpack_nil(&writer);
    }
    for (size_t i = 0; i < 2; i++) {
        write_bytes(&writer, result->has_output[i], result->output[i]);
    }
    for (size_t i = 0; i < 2; i++) {
        write_limit(&writer, result->has_total[i] ? result->total[i] : UINT64_MAX);
    }
    write_number(&writer, result->has_started, result->started_s);
    write_number(&writer, result->has_ended, result->ended_s);
    return writer.ok ? rnsi_written(&writer) : 0;
}

static bool read_total(rnsi_reader_t *reader, bool *has, uint64_t *total) {
    double number;
    if (!read_number(reader, has, &number)) {
        return false;
    }
    *total = number > 0 && number < 1e18 ? (uint64_t)number : 0;
    return true;
}

bool rnx_result_read(rns_bytes_t in, rnx_result_t *result) {
    rnsi_reader_t reader = rnsi_reader(in);
    uint32_t items;
    double code;
    if (!rnsi_msgpack_read_array(&reader, &items) || items < RESULT_ITEMS ||
        !rnsi_msgpack_read_bool(&reader, &result->is_executed) ||
        !read_number(&reader, &result->has_code, &code) || code < -1e9 || code > 1e9) {
        return false;
    }
    result->code = (int64_t)code;
    return read_bytes(&reader, &result->has_output[0], &result->output[0]) &&
           read_bytes(&reader, &result->has_output[1], &result->output[1]) &&
           read_total(&reader, &result->has_total[0], &result->total[0]) &&
           read_total(&reader, &result->has_total[1], &result->total[1]) &&
           read_number(&reader, &result->has_started, &result->started_s) &&
           read_number(&reader, &result->has_ended, &result->ended_s);
}
