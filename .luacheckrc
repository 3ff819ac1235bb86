std = "lua54"
max_line_length = 100
read_globals = { "hana" }
files["lua/hana/cli.lua"] = { globals = { "arg" } }
files["tests"] = { std = "lua54+busted" }
files["tests/**/*.lua"] = { std = "lua54+busted" }
exclude_files = { "build*", "report" }
