/* owner: see owner.h. */
#include "diag/base/owner.h"

#include "diag/base/fault.h"
#include "diag/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const uint64_t room_wanted = 16ull * 1024 * 1024;

static bool id_from_env(const char *name, unsigned *id)
{
    const char *text = getenv(name);
    unsigned long value;

    if (text == NULL || !text_parse_uint(text, UINT32_MAX - 1ul, &value))
        return false;
    *id = (unsigned)value;
    return true;
}

bool owner_of_run(uid_t *uid, gid_t *gid)
{
    unsigned user, group;

    *uid = getuid();
    *gid = getgid();
    /* Only root may believe it: for anybody else the variables are just text. */
    if (geteuid() != 0 || !id_from_env("SUDO_UID", &user) || !id_from_env("SUDO_GID", &group))
        return false;
    *uid = user;
    *gid = group;
    return true;
}

int owner_create(const char *path, struct fault *f)
{
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    struct stat st;
    uid_t uid;
    gid_t gid;

    if (fd < 0)
        return fault_set(f, "%s: cannot create: %s", path, strerror(errno));
    /* Somebody who made the file before us may hold it open, and would read what we write. */
    if (fstat(fd, &st) == 0 && st.st_uid != geteuid() &&
        !(owner_of_run(&uid, &gid) && st.st_uid == uid)) {
        close(fd);
        return fault_set(f, "%s: belongs to somebody else; choose another path", path);
    }
    /* Emptied only now that it is known to be a regular file, and nobody else's second name. */
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_nlink > 1) {
        close(fd);
        return fault_set(f, "%s: not a regular file with one name; choose another path", path);
    }
    if (ftruncate(fd, 0) != 0 || fchmod(fd, 0600) != 0 ||
        (owner_of_run(&uid, &gid) && fchown(fd, uid, gid) != 0)) {
        int error = errno;

        close(fd);
        return fault_set(f, "%s: cannot make it yours alone: %s", path, strerror(error));
    }
    return fd;
}

static bool has_room(int fd)
{
    struct statvfs fs;

    return fstatvfs(fd, &fs) != 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= room_wanted;
}

int owner_temporary(struct fault *f)
{
    const char *places[] = {getenv("TMPDIR"), "/var/tmp", "/tmp"};
    int fd;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i] == NULL || places[i][0] == '\0')
            continue;
        fd = open(places[i], O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
        if (fd >= 0 && has_room(fd))
            return fd;
        if (fd >= 0)
            close(fd);
    }
    fd = memfd_create("hopproof", MFD_CLOEXEC); /* every place is full, read-only or too old */
    if (fd < 0)
        return fault_set(f, "cannot make a temporary file: %s; set TMPDIR to a directory with room",
                         strerror(errno));
    return fd;
}
