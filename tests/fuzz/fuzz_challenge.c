/* Challenges and our answers to them: whatever a proxy demands, the answer stays one field. */
#include "diag/base/arena.h"
#include "diag/base/secret.h"
#include "diag/proto/challenge.h"
#include "probes/auth.h"
#include "tests/fuzz/fuzz.h"

static void check_challenges(struct arena *a, const char *value)
{
    struct challenges list = {.n = 0};
    struct secret *password = secret_new("p@ss:w#rd", 9);
    struct auth_request request = {.user = "sen\"sor",
                                   .password = password,
                                   .method = "CONNECT",
                                   .target = "a.example:443",
                                   .cnonce = "0123456789abcdef",
                                   .nc = 1};
    struct auth auth = {.len = 0};

    MUST(password != NULL);
    challenges_add(a, value, &list);
    MUST(list.n <= CHALLENGES_MAX);
    for (size_t i = 0; i < list.n; i++) {
        MUST(list.list[i].scheme[0] != '\0' && list.list[i].n_params <= CHALLENGE_MAX_PARAMS);
        MUST(list.list[i].token68 == NULL || list.list[i].n_params == 0);
        MUST(strstr(value, list.list[i].text) != NULL);
    }
    auth_stale(&list);
    if (auth_answer(&list, &request, &auth) == AUTH_OK) {
        MUST(strlen(auth.value) == auth.len);
        MUST(strpbrk(auth.value, "\r\n") == NULL);
    }
    auth_free(&auth);
    secret_free(password);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new();
    char *value = arena_strndup(a, (const char *)data, size);

    /* The reader of heads lets no line end through. */
    for (char *s = value; *s != '\0'; s++) {
        if (*s == '\r' || *s == '\n')
            *s = ' ';
    }
    check_challenges(a, value);
    arena_free(a);
    return 0;
}
