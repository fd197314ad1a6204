# Recorded at a router: the proxy's own connection comes from an address of its own, while it was asked.
# args: --proxy http://192.168.1.1:3128
# result: www.example:443 hop1 pass None None
# note: 1 connection comes from a proxy's own address
# findings: 0
host sensor 10.0.0.5 64
host hop1 192.168.1.1 63
host outer 203.0.113.7 64
host resolver 10.0.0.53 64
host server 192.0.2.1 57
flow q outer:5353 resolver:53
flow a sensor:40000 hop1:3128
flow b outer:41000 server:443
1.010 a > syn mss=1460
1.020 a < syn ack mss=1400
1.021 a > ack
1.022 a > ack connect:www.example:443
1.023 dns q > www.example A id=1
1.024 dns q < www.example A rcode=0 192.0.2.1
1.025 b > syn mss=1460
1.035 b < syn ack mss=1460
1.036 b > ack
1.037 a < ack status:200
1.038 a > ack hello:www.example
1.039 b > ack hello:www.example
1.042 a < ack server-hello:1.3
1.043 a < ack ccs
1.044 a < ack data:900
1.045 a > ack ccs
1.046 a > ack data:53
1.050 a > fin ack
1.051 a < fin ack
1.052 a > ack
expect
flow connect=www.example:443 finished
