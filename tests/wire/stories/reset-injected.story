# result: blocked.example:443 direct fail rst-injected sensor>endpoint
# A box on the way resets in the server's name: the TTL is another.
host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
0.020 a < syn ack mss=1400
0.021 a > ack
0.022 a > ack hello:blocked.example
0.024 a < rst ttl=61
expect
flow state=reset foreign=yes reset_ttl<=61 ttl<=57 sni=blocked.example reset_by=dst
