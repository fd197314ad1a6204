/*
 * Debian's static libpcap can also capture from D-Bus and then wants all of libdbus. Nobody asks
 * for that here: these two stand in for its module (pcap-dbus.c), and the linker leaves it out.
 */
#include <pcap/pcap.h>

typedef struct pcap_if_list pcap_if_list_t;

int dbus_findalldevs(pcap_if_list_t *devices, char *error);
pcap_t *dbus_create(const char *device, char *error, int *is_ours);

int dbus_findalldevs(pcap_if_list_t *devices, char *error)
{
    (void)devices, (void)error;
    return 0;
}

pcap_t *dbus_create(const char *device, char *error, int *is_ours)
{
    (void)device, (void)error;
    *is_ours = 0;
    return NULL;
}
