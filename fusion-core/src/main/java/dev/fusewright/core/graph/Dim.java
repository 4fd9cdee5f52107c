package dev.fusewright.core.graph;

/** One dimension of a value's type. */
public sealed interface Dim {
  /** A known size. */
  record Fixed(long size) implements Dim {
    @Override
    public String toString() {
      return Long.toString(size);
    }
  }

  /** A named unknown size ({@code dim_param}); equal names are equal sizes. */
  record Symbolic(String name) implements Dim {
    @Override
    public String toString() {
      return name;
    }
  }

  /** An unknown size; negative sizes in files are read as this. */
  record Unknown() implements Dim {
    @Override
    public String toString() {
      return "?";
    }
  }

  /** A known size. */
  static Dim of(long size) {
    return size < 0 ? new Unknown() : new Fixed(size);
  }
}
