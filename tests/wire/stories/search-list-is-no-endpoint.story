# result: hub.example:443 direct fail dns-nxdomain resolver
# endpoints: 1
# A name that does not exist is tried with the search list too (resolv.conf(5)).
host sensor 10.0.0.5 64
host resolver 10.0.0.1 64
flow d sensor:40001 resolver:53
0.000 dns d > hub.example A id=7
0.001 dns d < hub.example A id=7 rcode=3
0.002 dns d > hub.example.plant.local A id=8
0.003 dns d < hub.example.plant.local A id=8 rcode=3
expect
dns name=hub.example.plant.local
