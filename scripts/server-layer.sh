#!/bin/bash
# Writes a root file system for one server, as a layer tar: its Debian packages unpacked, not configured, with Debian's
# busybox for a shell. What no server needs (documentation, translations, the compiler of PostgreSQL) is left out.
#
#   server-layer.sh FILE PACKAGE…
set -euo pipefail
umask 022
file=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

packages=$(IFS=,; echo "$*")
mmdebstrap --quiet --variant=extract --include="$packages,busybox-static,base-files" --format=directory bookworm "$root"

cd "$root"
rm -rf usr/share/{i18n,doc,man,locale,info,lintian,perl,vim} usr/lib/x86_64-linux-gnu/{perl,libLLVM*,libz3*,libperl*,libicutest*} usr/bin/perl* usr/lib/llvm-14 \
  usr/lib/postgresql/*/lib/{llvmjit*,bitcode} var/lib/{apt,dpkg} var/cache
# What packages brought stays.
for applet in $(chroot . /bin/busybox --list); do
  [[ -n $(find bin sbin usr/bin usr/sbin -maxdepth 1 -name "$applet") ]] || ln -s busybox "bin/$applet"
done
rm -rf var/run
ln -s ../run var/run
mkdir -p run/postgresql tmp root proc sys dev etc var/www/html var/log/nginx var/lib/{nginx,redis,postgresql}
chmod 1777 tmp run/postgresql
ln -s /dev/stdout var/log/nginx/access.log
ln -s /dev/stderr var/log/nginx/error.log
[[ ! -d etc/nginx ]] || { mkdir -p etc/nginx/{sites,modules}-enabled; ln -s ../sites-available/default etc/nginx/sites-enabled/; }
{
  echo root:x:0:0:root:/root:/bin/sh
  echo www-data:x:33:33:www-data:/var/www:/bin/false
  echo postgres:x:999:999:postgres:/var/lib/postgresql:/bin/sh
  echo redis:x:998:998:redis:/var/lib/redis:/bin/false
} >etc/passwd
printf '%s\n' root:x:0: adm:x:4: www-data:x:33: postgres:x:999: redis:x:998: >etc/group
chown -R 999:999 var/lib/postgresql run/postgresql
mkdir -p usr/local/bin
# Debian's own are wrappers in Perl.
for program in psql pg_isready; do ln -sf "../../lib/postgresql/15/bin/$program" "usr/local/bin/$program"; done
cat >usr/local/bin/postgres-server <<'END'
#!/bin/sh
# As the image of that name does: a database is made at the first start, then everybody on the network may ask.
set -e
export PGDATA=/var/lib/postgresql/data PATH=/usr/lib/postgresql/15/bin:$PATH
if [ ! -s $PGDATA/PG_VERSION ]; then
  : "${POSTGRES_PASSWORD:?must be set}"
  echo "$POSTGRES_PASSWORD" >/tmp/password
  initdb --no-sync --no-locale --encoding UTF8 --username "${POSTGRES_USER:-postgres}" --pwfile /tmp/password \
    --auth-host scram-sha-256 --auth-local trust >/dev/null
  rm /tmp/password
  echo "host all all all scram-sha-256" >>$PGDATA/pg_hba.conf
fi
exec postgres -c listen_addresses='*' -c fsync=off -c jit=off "$@"
END
chmod 755 usr/local/bin/postgres-server
cd /

tar --create --file "$file" --directory "$root" --format=gnu --sort=name --mtime=@0 --numeric-owner .
