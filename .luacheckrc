std = "lua54"
max_line_length = 100
read_globals = { "hana" }
exclude_files = { "build*", "report", "tests/*/reference/*.lua", "tests/cases/data" } -- made by scripts
files["lua/hana/cli.lua"] = { globals = { "arg" } }
files["lua/hana/meta.lua"] = { ignore = { "212" } } -- signatures without bodies
files["lua/hana/text_*.lua"] = { max_line_length = false } -- sentences for people
files["tests"] = { std = "lua54+busted" }
