# A client that resolves names itself asks the proxy for the address; the hello says what it wants.
# args: --proxy http://192.168.1.1:3128
# result: www.example:443 hop1 pass None None
# endpoints: 1
host sensor 10.0.0.5 64
host hop1 192.168.1.1 63
flow a sensor:40000 hop1:3128
1.010 a > syn mss=1460
1.020 a < syn ack mss=1400
1.021 a > ack
1.022 a > ack connect:192.0.2.1:443
1.023 a < ack status:200
1.024 a > ack hello:www.example
1.042 a < ack server-hello:1.3
1.043 a < ack ccs
1.044 a < ack data:900
1.045 a > ack ccs
1.046 a > ack data:53
1.050 a > fin ack
1.051 a < fin ack
1.052 a > ack
expect
flow connect=192.0.2.1:443 finished
