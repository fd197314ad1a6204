/* A password typed on a terminal. */
#include "diag/base/fault.h"
#include "diag/base/secret.h"
#include "diag/prompt.h"
#include "tests/unit/support.h"

#include <fcntl.h>
#include <termios.h>

/* A terminal whose keyboard is the returned descriptor becomes standard input. */
static int open_terminal(void)
{
    int keyboard = posix_openpt(O_RDWR | O_NOCTTY), terminal;

    ck_assert_int_ge(keyboard, 0);
    ck_assert_int_eq(grantpt(keyboard), 0);
    ck_assert_int_eq(unlockpt(keyboard), 0);
    terminal = open(ptsname(keyboard), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(terminal, 0);
    ck_assert_int_eq(dup2(terminal, STDIN_FILENO), STDIN_FILENO);
    close(terminal);
    return keyboard;
}

static struct {
    const char *typed, *password; /* NULL: refused */
} typings[] = {
    {"p@ss: w%rd\n", "p@ss: w%rd"},
    {"wrong\x7f\x7f\x7f\x7f\x7fright\n", "right"},
    {"\n", ""},
    {"abc\x03\n", NULL},
    {"\x04", NULL},
};

/* prompt_password empties the input first, so that keys are pressed while it waits. */
START_TEST(a_password_is_typed_without_echo)
{
    int keyboard = open_terminal();
    struct secret *password = NULL;
    struct fault fault;
    struct termios after;
    char echoed[200];
    ssize_t n;
    int rc;

    if (fork() == 0) {
        usleep(200000);
        _exit(write(keyboard, typings[_i].typed, strlen(typings[_i].typed)) < 0);
    }
    rc = prompt_password("", &password, &fault);
    ck_assert_int_eq(rc, typings[_i].password == NULL ? -1 : 0);
    if (rc == 0)
        ck_assert_str_eq(secret_text(password), typings[_i].password);
    secret_free(password);
    ck_assert_int_eq(tcgetattr(STDIN_FILENO, &after), 0);
    ck_assert((after.c_lflag & ECHO) != 0 && (after.c_lflag & ISIG) != 0);
    fcntl(keyboard, F_SETFL, O_NONBLOCK);
    n = read(keyboard, echoed, sizeof echoed - 1);
    echoed[n < 0 ? 0 : n] = '\0';
    ck_assert_msg(strpbrk(echoed, "abcprw") == NULL, "the terminal shows %s", echoed);
    close(keyboard);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prompt");
    TCase *tc = tcase_create("prompt");

    tcase_add_loop_test(tc, a_password_is_typed_without_echo, 0, ARRAY_LEN(typings));
    return run_case(suite, tc);
}
