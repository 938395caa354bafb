#!/bin/sh
# Answers one request for metadata: the asking guest is known by its address. Copied into each network's directory for apache2.
root=$(dirname "$0")/../metadata/$REMOTE_ADDR
place=$root/$(echo "$PATH_INFO" | tr -s / | sed 's|^/||; s|/$||')
case $PATH_INFO in
*..*) place=/nowhere ;;
esac
if [ -f "$place" ]; then
  printf 'Content-Type: text/plain\r\n\r\n'
  cat "$place"
elif [ -d "$place" ]; then
  printf 'Content-Type: text/plain\r\n\r\n'
  ls -p "$place"
else
  printf 'Status: 404 Not Found\r\nContent-Type: text/plain\r\n\r\n'
fi
