---@meta
-- What is written in C, for editors and `hana help`. A spec compares it with what there is.

---@class hana.Frame
local frame = {}

--- Rows 1 to n; 5 without n.
---@param n integer?
---@return hana.Frame
function frame:head(n) end

--- The last n rows; 5 without n.
---@param n integer?
---@return hana.Frame
function frame:tail(n) end

--- Rows `from` to `to`, both included; what is beyond the end is left out.
---@param from integer
---@param to integer
---@return hana.Frame
function frame:slice(from, to) end

--- The rows of these numbers, in their order.
---@param rows integer[]
---@return hana.Frame
function frame:take(rows) end

--- All rows but those of these numbers.
---@param rows integer[]
---@return hana.Frame
function frame:without(rows) end

--- The rows for which the expression is true. `$name` in it stands for a parameter.
---@param where string such as "age >= 30 and not is_null(size)"
---@param params table?
---@return hana.Frame
function frame:filter(where, params) end

--- These columns, in their order.
---@param columns string[]|hana.Selector
---@return hana.Frame
function frame:select(columns) end

--- All columns but these.
---@param columns string[]|hana.Selector
---@return hana.Frame
function frame:drop(columns) end

--- Rows in order of columns; `{ name, "desc" }` turns one round. Stable, nulls last.
---@param by (string|{ [1]: string, [2]: "asc"|"desc" })[]
---@return hana.Frame
function frame:sort(by) end

--- The first row of each combination of values, with all columns.
---@param columns string[]|hana.Selector|nil all columns without it
---@return hana.Frame
function frame:distinct(columns) end

--- Rows without a null in any of these columns.
---@param columns string[]|hana.Selector|nil all columns without it
---@return hana.Frame
function frame:drop_null(columns) end

--- Rows drawn without replacement.
---@param options { n: number, seed: integer?, stratify: string? } n: rows, or a share below 1
---@return hana.Frame
function frame:sample(options) end

--- Splits the rows; shares are of all rows, 1 or more means rows.
---@param options table test, valid, stratify, group, by_time, seed
---@return hana.Frame ... train, then valid where it was asked for, then test
function frame:split(options) end

--- One value column from several, with a column that says which.
---@param options { columns: string[], name: string, value: string }
---@return hana.Frame
function frame:pivot_longer(options) end

--- A row for each column: type, count, nulls and what describes its values.
---@return hana.Frame
function frame:describe() end

--- Another name for summarize.
---@param expressions table
---@return hana.Frame
function frame:summarise(expressions) end

--- The number of rows; `#df` is the same.
---@return integer
function frame:nrow() end

--- The number of columns.
---@return integer
function frame:ncol() end

--- The names of the columns, in their order.
---@return string[]
function frame:names() end

--- The types of the columns by name; `df:types()[1]` is that of the first.
---@return table<string|integer, string>
function frame:types() end

--- Whether there is a column of this name.
---@param name string
---@return boolean
function frame:has(name) end

--- A column; `df.name` and `df["name"]` are the same.
---@param name string
---@return hana.Column
function frame:col(name) end

--- Row i as a table by name; null is nil.
---@param i integer
---@return table<string, any>
function frame:row(i) end

--- Goes over the rows: `for i, row in df:rows() do`.
---@return function
function frame:rows() end

--- The table as text, as print shows it.
---@param rows integer? rows to show
---@param width integer? cells of a line
---@return string
function frame:format(rows, width) end

--- Whether the other frame has the same names, types and values.
---@param other hana.Frame
---@return boolean
function frame:equal(other) end

--- A digest of names, types and values.
---@return string
function frame:hash() end

--- Memory that the columns hold.
---@return integer
function frame:bytes() end

--- What reading guessed, turned into null or skipped; nil for frames that were not read.
---@return table?
function frame:read_report() end

--- Writes delimited text, atomically; "-" is stdout. A name in .gz is packed by gzip.
---@param path string
---@param options { encoding: string?, bom: boolean?, delimiter: string?, null: string? }?
---@return hana.Frame
function frame:write_csv(path, options) end

--- Writes the rows into a table of a database, in one transaction.
---@param url string `sqlite:file.db` or `postgres://user@host/database`
---@param table string
---@param options { if_exists: string? }? if_exists: raise (default), replace or append
---@return hana.Frame
function frame:write_sql(url, table, options) end

--- Writes an object a line, or one array into a file named .json, atomically; null is null. A name
--- in .gz is packed by gzip.
---@param path string
---@return hana.Frame
function frame:write_json(path) end

--- Writes an Excel workbook with one sheet, atomically: dates as dates, numbers with 16 digits.
---@param path string
---@param options { sheet: string? }?
---@return hana.Frame
function frame:write_xlsx(path, options) end

--- The frame by the Arrow C data interface: addresses of an ArrowSchema and an ArrowArray, good for
--- as long as the result is held and until someone takes them. Nothing is copied.
---@return { schema: integer, array: integer, released: boolean }
function frame:to_arrow() end

--- Saves the frame with types, levels, nulls and row ids; `hana.load` reads it.
---@param path string
---@return hana.Frame
function frame:save(path) end

---@class hana.Column
local column = {}

--- The name it has in its frame, or nil.
---@return string?
function column:name() end

--- float, int, bool, string, category, date, datetime or block.
---@return string
function column:type() end

--- The number of nulls.
---@return integer
function column:nulls() end

--- Goes over the cells: `for i, value in c:values() do`; null is nil.
---@return function
function column:values() end

--- The cells as a list, with hana.null.
---@return any[]
function column:totable() end

--- The different values, in ascending order.
---@return hana.Column
function column:unique() end

--- The levels of a category, in their order.
---@return hana.Column
function column:levels() end

--- Whether it is a category whose levels have an order that means something.
---@return boolean
function column:ordered() end

--- The same values in another type. A category with levels is ordered by them: "S" < "M" < "L".
---@param type string
---@param more (string[]|string)? levels of a category, or the format of a date or datetime
---@return hana.Column
function column:cast(type, more) end

--- Whether the other column has the same type and values.
---@param other hana.Column
---@return boolean
function column:equal(other) end

--- Memory that it holds.
---@return integer
function column:bytes() end

--- The number of values that are not null.
---@return integer
function column:count() end

--- Sum of the values.
---@return number
function column:sum() end

--- Arithmetic mean.
---@return number
function column:mean() end

--- The value in the middle.
---@return number
function column:median() end

--- Standard deviation, with n - 1.
---@return number
function column:sd() end

--- Variance, with n - 1.
---@return number
function column:var() end

--- The least value.
---@return any
function column:min() end

--- The greatest value.
---@return any
function column:max() end

--- The p-quantile (R's type 7).
---@param p number between 0 and 1
---@return number
function column:quantile(p) end

--- The first value that is not null.
---@return any
function column:first() end

--- The last value that is not null.
---@return any
function column:last() end

--- The number of different values.
---@return integer
function column:n_unique() end

--- The most frequent value.
---@return any
function column:mode() end

--- Pearson's correlation with another column.
---@param other hana.Column
---@return number
function column:corr(other) end

--- Whether any value is true.
---@return boolean
function column:any() end

--- Whether all values are true.
---@return boolean
function column:all() end

---@class hana.Model
local model = {}

--- Fits to a frame; `fit(df, "y")` names the target alone.
---@param df hana.Frame
---@param roles table|string target, positive, task, features, ignore, weights, target_proba, ...
---@return hana.Model
function model:fit(df, roles) end

--- Predictions, of the target's type.
---@param df hana.Frame
---@return hana.Column
function model:predict(df) end

--- Probabilities, a column a class.
---@param df hana.Frame
---@return hana.Frame
function model:predict_proba(df) end

--- The frame as the preparation steps hand it on.
---@param df hana.Frame
---@return hana.Frame
function model:transform(df) end

--- The same options, not fitted.
---@return hana.Model
function model:clone() end

--- Bytes that the fitted state holds.
---@return integer
function model:size() end

--- What the fit warned of.
---@return string[]
function model:warnings() end

--- A tree, or a list of rules, as text.
---@return string
function model:rules() end

--- What is known of the fit: roles, schema, rows, seed, hash of the data, warnings.
---@return table
function model:info() end

--- The model in one line: "pipeline(impute, ridge)".
---@return string
function model:describe() end

--- Saves the fitted model; `hana.load` reads it and checks it again.
---@param path string
---@return hana.Model
function model:save(path) end

return { frame = frame, column = column, model = model }
