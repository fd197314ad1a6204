# The lookup before a connection.
host sensor 10.0.0.5 64
host resolver 10.0.0.53 62
flow q sensor:50000 resolver:53
0.000 dns q > hub-one.example A id=11
0.001 dns q > hub-one.example AAAA id=12
0.010 dns q < hub-one.example A id=11 cname=edge.example 192.0.2.1 192.0.2.2
0.011 dns q < hub-one.example AAAA id=12
expect
dns name=hub-one.example type=A address=192.0.2.1
