/* json_schema: the JSON Schema (draft 2020-12) of the report, from the same tables as json.h. */
#include "reports/json.h"

#include <string.h>

static void quoted(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            fputc('\\', out);
        fputc(*s, out);
    }
    fputc('"', out);
}

static void words(FILE *out, const struct names *names)
{
    fputs("\"enum\": [", out);
    for (size_t i = 0; i < names->n; i++) {
        if (i > 0)
            fputs(", ", out);
        if (names->words[i] == NULL)
            fputs("null", out);
        else
            quoted(out, names->words[i]);
    }
    fputc(']', out);
}

/* The parts of the report itself are never null: the contract promises them. */
static bool promised(const struct shape *shape)
{
    return shape == &report_shape || shape == &summary_shape;
}

static void type_of(FILE *out, const struct shape *shape, const struct field *f)
{
    if (shape == &report_shape && strcmp(f->key, "schema") == 0) {
        fputs("\"const\": \"" REPORT_SCHEMA "\"", out);
        return;
    }
    if (strcmp(f->key, "schema") == 0 && strncmp(f->doc, "hopproof.", 9) == 0) {
        fprintf(out, "\"const\": \"%s\"", f->doc); /* its own name */
        return;
    }
    switch (f->kind) {
    case FIELD_STR:
        fputs("\"type\": [\"string\", \"null\"]", out);
        break;
    case FIELD_INT:
        fputs("\"type\": [\"integer\", \"null\"]", out);
        break;
    case FIELD_MS:
        fputs("\"type\": [\"number\", \"null\"]", out);
        break;
    case FIELD_BOOL:
        fputs("\"type\": \"boolean\"", out);
        break;
    case FIELD_TRI:
        fputs("\"type\": [\"boolean\", \"null\"]", out);
        break;
    case FIELD_NAME:
        words(out, f->names);
        break;
    case FIELD_STRS:
        fputs("\"type\": \"array\", \"items\": {\"type\": \"string\"}", out);
        break;
    case FIELD_INTS:
        fputs("\"type\": \"array\", \"items\": {\"type\": \"integer\"}", out);
        break;
    case FIELD_OBJ:
        fprintf(out,
                promised(shape) ? "\"$ref\": \"#/$defs/%s\""
                                : "\"anyOf\": [{\"$ref\": \"#/$defs/%s\"}, {\"type\": \"null\"}]",
                f->shape->name);
        break;
    case FIELD_OBJS:
        fprintf(out, "\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/%s\"}", f->shape->name);
        break;
    case FIELD_DETAIL:
        fputs("\"type\": \"object\"", out);
        break;
    }
}

/* The detail's shape follows from the step's kind. */
static void details(FILE *out, const char *pad)
{
    fprintf(out, ",\n%s\"allOf\": [\n", pad);
    for (size_t i = 0; i < step_kind_names.n; i++)
        fprintf(out,
                "%s  {\"if\": {\"properties\": {\"step\": {\"const\": \"%s\"}}},\n"
                "%s   \"then\": {\"properties\": {\"detail\": {\"$ref\": \"#/$defs/%s\"}}}}%s\n",
                pad, step_kind_names.words[i], pad, step_detail_shape((enum step_kind)i)->name,
                i + 1 < step_kind_names.n ? "," : "");
    fprintf(out, "%s]", pad);
}

static void object(FILE *out, const struct shape *shape, const char *pad)
{
    bool detailed = false;

    fprintf(out, "%s\"type\": \"object\",\n%s\"properties\": {\n", pad, pad);
    for (size_t i = 0; i < shape->n_fields; i++) {
        const struct field *f = &shape->fields[i];

        detailed = detailed || f->kind == FIELD_DETAIL;
        fprintf(out, "%s  \"%s\": {\"description\": ", pad, f->key);
        quoted(out, f->doc);
        fputs(", ", out);
        type_of(out, shape, f);
        fputs(i + 1 < shape->n_fields ? "},\n" : "}\n", out);
    }
    fprintf(out, "%s},\n%s\"required\": [", pad, pad);
    for (size_t i = 0; i < shape->n_fields; i++)
        fprintf(out, "%s\"%s\"", i > 0 ? ", " : "", shape->fields[i].key);
    fputc(']', out);
    if (detailed)
        details(out, pad);
    fputc('\n', out);
}

void json_schema_head(FILE *out, const char *id, const char *title)
{
    fprintf(out,
            "{\n"
            "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
            "  \"$id\": \"%s\",\n"
            "  \"title\": \"%s\",\n"
            "  \"description\": \"Every key is always present, null where nothing is known. Later "
            "versions may add keys. Durations (_ms) are in milliseconds.\",\n"
            "  \"$defs\": {\n",
            id, title);
}

void json_schema_part(FILE *out, const struct shape *shape, bool last)
{
    fprintf(out, "    \"%s\": {\n", shape->name);
    object(out, shape, "      ");
    fputs(last ? "    }\n" : "    },\n", out);
}

int json_schema_root(FILE *out, const struct shape *shape)
{
    fputs("  },\n", out);
    object(out, shape, "  ");
    fputs("}\n", out);
    return ferror(out) ? -1 : 0;
}

int json_write_schema(FILE *out)
{
    json_schema_head(out, JSON_SCHEMA_ID, "hopproof report, version 1");
#define DEFINE(name, FIELDS)                                                                       \
    if (&name##_shape != &report_shape)                                                            \
        json_schema_part(out, &name##_shape, &name##_shape == &capture_shape);
    REPORT_SHAPES(DEFINE)
#undef DEFINE
    return json_schema_root(out, &report_shape);
}
