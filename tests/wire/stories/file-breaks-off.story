host sensor 10.0.0.5 64
host server 192.0.2.1 57
flow a sensor:40000 server:443
0.000 a > syn mss=1460
raw 06000000 60000000 0000
expect
flow syns>=1
file packets=1 trouble=the_file_ends_within_a_block at=168
