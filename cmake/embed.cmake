# cmake -DIN=FILE -DOUT=FILE.h -DNAME=symbol -P embed.cmake: a file as a C string.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
get_filename_component(file ${IN} NAME)
file(WRITE ${OUT} "/* Made from ${file}; do not edit. */\nstatic const char ${NAME}[] = {\n${bytes}0};\n")
