/* One line a preparation step; the symbol is hana_step_<name>. */
HANA_STEP(derive)
HANA_STEP(impute)
HANA_STEP(lua_step)
HANA_STEP(one_hot)
HANA_STEP(standardize)
HANA_STEP(text_tokens)
