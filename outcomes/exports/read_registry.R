# Reads the tables of this folder into data frames, as the codebook says: codes become factors in
# their order, with their words; days become Date; yes and no become TRUE and FALSE. Labels and
# units are attributes of each column. Base R is enough.
#
#   tables <- local({ source("read_registry.R", local = TRUE); read_registry() })
#   table(tables$outcomes$long_term_group)

read_registry <- function(folder = ".") {
  read_texts <- function(file) {
    read.csv(file.path(folder, file), colClasses = "character", na.strings = "",
             encoding = "UTF-8", check.names = FALSE)
  }
  # Texts that a spreadsheet would run stand behind an apostrophe in the files.
  as_it_was <- function(text) {
    sub("^'(?='*(?:[\\t\\r\\n]|\\s*[=+\\-@\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}]))", "", text,
        perl = TRUE)
  }
  codebook <- read_texts("codebook.csv")
  codes <- read_texts("codes.csv")
  typed <- function(text, table, line) {
    known <- codes[codes$table == table & codes$column == line$column, ]
    value <- switch(line$kind,
      code = factor(text, levels = known$code, labels = known$label),
      day = as.Date(text),
      count = as.integer(text),
      number = as.numeric(text),
      truth = text == "yes",
      as_it_was(text)
    )
    attr(value, "label") <- as_it_was(line$label)
    if (!is.na(line$unit)) attr(value, "unit") <- line$unit
    value
  }
  names <- unique(codebook$table)
  names <- names[file.exists(file.path(folder, paste0(names, ".csv")))]
  tables <- lapply(names, function(table) {
    frame <- read_texts(paste0(table, ".csv"))
    lines <- codebook[codebook$table == table, ]
    for (number in seq_len(nrow(lines))) {
      line <- lines[number, ]
      frame[[line$column]] <- typed(frame[[line$column]], table, line)
    }
    frame
  })
  setNames(tables, names)
}
