"""Spreadsheets into the registers and out of them, whatever the register. (P14, M21)

It owns how a workbook of people is read (`workbook`, `heading`, `cells`), what a column of a register is (`columns`), the dry
run (`plan`), the desk at which a file is kept, its columns are said and all of it is written or nothing (`desk`, `selectors`,
`services`), and how a register is written as a workbook, by a job where it is long (`writing`, `exporting`). Which columns a
register has, what a row would do and how it is written stays with the register.
"""
