package dev.fusewright.core.text;

/** A text is no model; the message begins with {@code line:column}, both counted from 1. */
public final class TextSyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;
  private final int column;

  TextSyntaxException(int line, int column, String message) {
    super(line + ":" + column + ": " + message);
    this.line = line;
    this.column = column;
  }

  /** The line of the offending word, from 1. */
  public int line() {
    return line;
  }

  /** The column of the offending word's first character, from 1. */
  public int column() {
    return column;
  }
}
