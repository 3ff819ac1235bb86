/* One line a remedy for scarce labels; the symbol is hana_<name>. */
