# The first part of an answer is lost and sent again together with what had arrived, sooner than the
# round trip that only overtaken segments take: nothing was overtaken, it is a retransmission.
host me 192.0.2.10 64
host them 198.51.100.1 50
flow f me:40000 them:443
0.000 f > syn mss=1460
0.100 f < syn ack mss=1460
0.200 f > ack
0.210 f > ack psh len=100
0.310 f < ack len=2000 lost
0.311 f < ack again part=1400-2000
0.312 f > ack ack=0
0.320 f < ack again
0.321 f > ack
# A segment that was overtaken holds nothing but what is missing.
0.330 f < ack len=1000 lost
0.331 f < ack len=1000
0.340 f < ack again back=1
0.341 f > ack

expect
flow again<=1 reordered<=1 !unseen<=1
