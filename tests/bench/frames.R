# The data.table side of frames.py: reads a task's name from each line, does it, and answers with its
# processor seconds and a figure that the others must agree with. Arguments: folder, threads.
suppressMessages(library(data.table))
arguments <- commandArgs(TRUE)
folder <- arguments[1]
setDTthreads(as.integer(arguments[2]))
kept <- new.env()
written <- tempfile()
csv <- function(name, ...) fread(file.path(folder, paste0(name, ".csv")), ...)
keep <- function(name, make) {
  if (is.null(kept[[name]])) assign(name, make(), kept)
  kept[[name]]
}
keys <- function() keep("gby", function() csv("gby"))
texts <- function() keep("texts", function() keys()[, .(id = paste0("id", k2), v)])
long <- function() keep("long", function() keys()[, .(id = paste0("customer-", k2), v)])
other <- function() keep("join", function() csv("join"))
million <- function() keep("million", function() csv("csv_big", nrows = 1000000))

tasks <- list(
  csv_read = function() csv("csv_big"),
  csv_numbers = function() csv("higgs"),
  csv_wide = function() csv("pixels"),
  csv_scan = function() csv("csv_big", select = c("payment", "fare", "distance"))[
    fare > 5, .(n = .N, m = mean(distance)), by = payment],
  csv_write = function() { fwrite(million(), written); million() },
  group_100 = function() keys()[, .(m = mean(v)), by = k1],
  group_100k = function() keys()[, .(m = mean(v)), by = k2],
  group_texts = function() texts()[, .(m = mean(v)), by = id],
  group_long = function() long()[, .(m = mean(v)), by = id],
  group_several = function() keys()[, .(m = mean(v), s = sd(v), mx = max(w), n = .N), by = k2],
  group_median = function() keys()[, .(m = median(v)), by = k2],
  join = function() other()[keys()[, .(k2, v)], on = "k2", nomatch = NULL],
  sort_float = function() keys()[order(v)],
  sort_int = function() keys()[order(w)],
  filter = function() keys()[v > 50 & k1 < 50],
  arithmetic = function() copy(keys())[, z := v * 2 + w / 3 - k1])
prepare <- list(csv_write = million, group_texts = texts, group_long = long, join = other)

lines <- file("stdin", "r")
while (length(line <- readLines(lines, 1)) > 0) {
  words <- strsplit(line, " ")[[1]]
  if (words[1] == "prepare") {
    if (!startsWith(words[2], "csv")) invisible(keys())
    if (!is.null(prepare[[words[2]]])) invisible(prepare[[words[2]]]())
    cat("ready\n")
  } else {
    start <- proc.time()
    answer <- tasks[[words[2]]]()
    used <- proc.time() - start
    cat(used[["user.self"]] + used[["sys.self"]], nrow(answer), "\n")
    rm(answer)
    invisible(gc(FALSE))
    cat("free\n")
  }
  flush(stdout())
}
unlink(written)
