# Both targets set up everything they need first; without make, call .ci/task.py the same way (see README.md).
PYTHON ?= $(shell command -v python3.11 || command -v python3)

.PHONY: demo test setup check clean

demo test setup check:
	@$(PYTHON) .ci/task.py $@

clean:
	rm -rf .venv dist build demo-output
