/* audit_json: the audit as JSON, schema "hopproof.audit/1" (docs/audit.md). */
#include "diag/audit.h"

#include "diag/base/buf.h"

#include <jansson.h>

static json_t *place_json(struct squid_place at, const char **file)
{
    *file = at.file;
    return at.line == 0 ? json_null() : json_integer((json_int_t)at.line);
}

static json_t *finding_json(const struct audit *a, const struct audit_finding *f)
{
    const char *file;
    json_t *line = place_json(f->at, &file);

    return json_pack("{s:s, s:s, s:s?, s:o, s:s, s:s?, s:s?}", "severity",
                     audit_severity_text(f->severity), "code", f->code, "file", file, "line", line,
                     "what", audit_what(a, f), "why", f->why, "fix", f->fix);
}

static json_t *verdict_json(const struct audit_verdict *v)
{
    const char *file;
    json_t *line = place_json(v->at, &file);

    return json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:o, s:s?}", "from", v->from, "to", v->to,
                     "answer", v->answer, "way", v->way, "file", file, "line", line, "by", v->by);
}

static json_t *file_json(const struct audit *a, const struct audit_file *file)
{
    json_t *findings = json_array(), *verdicts = json_array();

    for (size_t i = 0; i < file->n_findings; i++)
        json_array_append_new(findings, finding_json(a, &file->findings[i]));
    for (size_t i = 0; i < file->n_verdicts; i++)
        json_array_append_new(verdicts, verdict_json(&file->verdicts[i]));
    return json_pack("{s:s, s:s, s:o, s:o}", "file", file->label, "kind",
                     audit_kind_text(file->kind), "findings", findings, "verdicts", verdicts);
}

int audit_json(const struct audit *a, struct buf *out)
{
    json_t *files = json_array(), *root;
    char *text;
    int rc = -1;

    for (size_t i = 0; i < a->n_files; i++)
        json_array_append_new(files, file_json(a, &a->files[i]));
    root = json_pack("{s:s, s:{s:s, s:s}, s:o, s:{s:I, s:I, s:I}}", "schema", "hopproof.audit/1",
                     "tool", "name", "hopproof", "version", HOPPROOF_VERSION, "files", files,
                     "summary", "errors", (json_int_t)audit_count(a, AUDIT_ERROR), "warnings",
                     (json_int_t)audit_count(a, AUDIT_WARNING), "infos",
                     (json_int_t)audit_count(a, AUDIT_INFO));
    text = root == NULL ? NULL : json_dumps(root, JSON_INDENT(2));
    if (text != NULL && buf_str(out, text) == 0 && buf_char(out, '\n') == 0)
        rc = 0;
    free(text);
    json_decref(root);
    return rc;
}
