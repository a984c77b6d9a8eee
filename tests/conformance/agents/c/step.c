/* Steps: their fields, how they ended, what they give. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"

void step_fault(step *s, const char *format, ...) {
    if (s->fault[0] != '\0') return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(s->fault, sizeof s->fault, format, arguments);
    va_end(arguments);
}

static cJSON *take(step *s, const char *name, bool needed) {
    cJSON *field = cJSON_DetachItemFromObjectCaseSensitive(s->fields, name);
    if (field != NULL) cJSON_AddItemToArray(s->taken, field);
    if (field == NULL && needed) step_fault(s, "field '%s' is missing", name);
    return field;
}

const char *take_text(step *s, const char *name, bool needed) {
    cJSON *field = take(s, name, needed);
    if (field != NULL && !cJSON_IsString(field)) step_fault(s, "field '%s' is no text", name);
    return cJSON_GetStringValue(field);
}

static int hex(char digit) {
    return digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bytes take_bytes(step *s, const char *name, bool needed) {
    bytes out = {NULL, 0};
    const char *text = take_text(s, name, needed);
    if (text == NULL) return out;
    if (s->decoded_count == (int)(sizeof s->decoded / sizeof s->decoded[0])) abort();
    out.data = s->decoded[s->decoded_count++] = malloc(strlen(text) + 1);
    if (out.data == NULL) abort();
    for (; *text != '\0'; ++text) {
        if (*text != '%') {
            out.data[out.size++] = *text;
        } else if (hex(text[1]) < 0 || hex(text[2]) < 0) {
            step_fault(s, "field '%s' is not percent-encoded", name);
            break;
        } else {
            out.data[out.size++] = (char)(hex(text[1]) * 16 + hex(text[2]));
            text += 2;
        }
    }
    return out;
}

bytes bytes_kept(bytes from) {
    bytes out = {calloc(from.size + 1, 1), from.size};
    if (out.data == NULL) abort();
    if (from.size > 0) memcpy(out.data, from.data, from.size);
    return out;
}

int64_t take_number(step *s, const char *name, int64_t otherwise) {
    cJSON *field = take(s, name, false);
    if (field == NULL) return otherwise;
    if (!cJSON_IsNumber(field)) step_fault(s, "field '%s' is no number", name);
    return (int64_t)field->valuedouble;
}

int64_t take_timeout(step *s) { return take_number(s, "timeout", EXOREF_TIMEOUT_DEFAULT); }

exoref_options *take_options(step *s) {
    exoref_options *options = NULL;
    ended(s, exoref_options_new(&options, &s->failure));
    cJSON *given = take(s, "options", false), *option = NULL;
    cJSON_ArrayForEach(option, given) {
        if (!cJSON_IsString(option) ||
            exoref_options_set(options, option->string, option->valuestring, NULL) != EXOREF_OK)
            step_fault(s, "no option '%s' of that text", option->string);
    }
    return options;
}

bool ready(step *s) {
    if (cJSON_GetArraySize(s->fields) > 0) step_fault(s, "unknown field '%s'", s->fields->child->string);
    return s->fault[0] == '\0';
}

bool ended(step *s, exoref_status status) {
    if (status == EXOREF_OK) return true;
    s->error = cJSON_CreateObject();
    cJSON_AddStringToObject(s->error, "status", exoref_status_name(status));
    cJSON_AddStringToObject(s->error, "message", exoref_error_message(s->failure));
    if (status == EXOREF_EBODY) {
        size_t size = 0;
        const char *payload = exoref_error_payload(s->failure, &size);
        cJSON_AddStringToObject(s->error, "kind", exoref_error_kind(s->failure));
        give_bytes(s->error, "payload", payload, size);
    }
    exoref_error_release(s->failure);
    s->failure = NULL;
    return false;
}

void give_text(step *s, const char *name, const char *text) { cJSON_AddStringToObject(s->results, name, text); }

void give_bytes(cJSON *to, const char *name, const void *data, size_t size) {
    char *text = malloc(3 * size + 1), *end = text;
    if (text == NULL) abort();
    for (size_t i = 0; i < size; ++i) {
        const unsigned char byte = ((const unsigned char *)data)[i];
        if (byte >= 0x20 && byte < 0x7f && byte != '%')
            *end++ = (char)byte;
        else
            end += sprintf(end, "%%%02x", byte);
    }
    *end = '\0';
    cJSON_AddStringToObject(to, name, text);
    free(text);
}

void give_flag(step *s, const char *name, bool flag) { cJSON_AddBoolToObject(s->results, name, flag); }

void give_number(step *s, const char *name, double number) { cJSON_AddNumberToObject(s->results, name, number); }

void give_value(step *s, exoref_value *value) {
    if (value == NULL) return;
    give_bytes(s->results, "value", exoref_value_data(value), exoref_value_size(value));
    give_number(s, "version", (double)exoref_value_version(value));
    give_text(s, "codec", exoref_value_codec(value));
}

void give_old_value(step *s, exoref_value *value) {
    if (value == NULL) return;
    give_bytes(s->results, "old", exoref_value_data(value), exoref_value_size(value));
    give_number(s, "old_version", (double)exoref_value_version(value));
}

void give_state(step *s, const char *save, exoref_value *value) {
    give_value(s, value);
    if (save != NULL && value != NULL)
        keep(s, STATE, save, value);
    else
        exoref_value_release(value);
}
