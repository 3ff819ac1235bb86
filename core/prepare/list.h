/* One line a preparation step; the symbol is hana_step_<name>. */
