// testnode_fields.c -- see testnode_fields.h.
#include "testnode_fields.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/text.h"

json_error_t fields_wrong;

json_t *refuse(const char **error, const char *why) {
    *error = why;
    return NULL;
}

json_t *reply_of(rns_err_t err, const char **error) {
    return err == RNS_ERR_OK ? json_object() : refuse(error, rns_err_text(err));
}

// ---- Bytes

static int digit(char c) {
    static const char DIGITS[] = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(DIGITS, c) : NULL;
    return at != NULL ? (int)(at - DIGITS) : -1;
}

bool read_hex(const char *text, uint8_t *out, size_t most, size_t *size) {
    *size = strlen(text) / 2;
    if (strlen(text) % 2 != 0 || *size > most) {
        return false;
    }
    for (size_t i = 0; i < *size; i++) {
        const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool read_exactly(const char *text, void *out, size_t size) {
    size_t read;
    return read_hex(text, out, size, &read) && read == size;
}

rns_mem_t read_bytes(const char *text) {
    const size_t most = strlen(text) / 2 + 1;
    rns_mem_t bytes = {malloc(most), 0};
    if (bytes.data != NULL && !read_hex(text, bytes.data, most, &bytes.size)) {
        free(bytes.data);
        bytes = (rns_mem_t){NULL, 0};
    }
    return bytes;
}

json_t *json_hex(const void *data, size_t size) {
    char *digits = data != NULL ? malloc(2 * size + 1) : NULL;
    if (digits == NULL) {
        return json_null();
    }
    text_hex(data, size, digits);
    json_t *string = json_string(digits);
    free(digits);
    return string;
}

json_t *json_hash(const rns_hash_t *hash) {
    return json_hex(hash->b, sizeof hash->b);
}

// ---- Files

int file_new(agent_t *agent, uint32_t number, char path[PATH_BYTES]) {
    const int size =
        snprintf(path, PATH_BYTES, "%s/received-%u", agent->startup.directory, (unsigned)number);
    return size > 0 && (size_t)size < PATH_BYTES
               ? open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
               : -1;
}

int file_open(const char *path, uint64_t *size) {
    struct stat status;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0 && fstat(file, &status) != 0) {
        (void)close(file);
        return -1;
    }
    *size = file >= 0 ? (uint64_t)status.st_size : 0;
    return file;
}

// ---- What the agent knows

bool read_identity(agent_t *agent, const char *private_key, rns_secret_t *secret) {
    if (private_key == NULL) {
        return rns_identity_new(agent->node, secret) == RNS_ERR_OK;
    }
    return read_exactly(private_key, secret, sizeof *secret);
}

own_t *own_of(agent_t *agent, const char *hash, const char **error) {
    uint8_t wanted[16];
    *error = "no such destination";
    if (!read_exactly(hash, wanted, sizeof wanted)) {
        return NULL;
    }
    for (size_t i = 0; i < agent->own_count; i++) {
        if (memcmp(agent->own[i].hash.b, wanted, sizeof wanted) == 0) {
            return &agent->own[i];
        }
    }
    return NULL;
}

target_t *target_of(agent_t *agent, const uint8_t hash[16]) {
    for (size_t i = 0; i < agent->target_count; i++) {
        if (memcmp(agent->targets[i].hash.b, hash, 16) == 0) {
            return &agent->targets[i];
        }
    }
    return NULL;
}

session_t *session_of(agent_t *agent, const char *id, const char **error) {
    uint8_t wanted[16];
    *error = "no such link";
    if (!read_exactly(id, wanted, sizeof wanted)) {
        return NULL;
    }
    for (size_t i = 0; i < SESSION_MOST; i++) {
        session_t *session = &agent->sessions[i];
        if (session->handle.gen != 0 && memcmp(session->id.b, wanted, sizeof wanted) == 0) {
            return session;
        }
    }
    return NULL;
}

json_t *receipt_watch(agent_t *agent, rns_receipt_t receipt, const double *timeout_s,
                      const char **error) {
    receipt_t *free_one = agent->receipts;
    while (free_one < agent->receipts + RECEIPT_MOST && free_one->handle.gen != 0) {
        free_one++;
    }
    if (free_one == agent->receipts + RECEIPT_MOST) {
        return refuse(error, "too many open receipts");
    }
    uint8_t packet[32];
    rns_err_t err = RNS_ERR_OK;
    if (timeout_s != NULL) {
        err = rns_receipt_timeout(agent->node, clock_now(), receipt, (rns_us_t)(*timeout_s * 1e6));
    }
    if (err == RNS_ERR_OK) {
        err = rns_receipt_packet(agent->node, receipt, packet);
    }
    if (err != RNS_ERR_OK) {
        return reply_of(err, error);
    }
    *free_one = (receipt_t){receipt, ++agent->numbers};
    return json_pack("{s:I, s:o}", "receipt", (json_int_t)free_one->number, "packet",
                     json_hex(packet, sizeof packet));
}
