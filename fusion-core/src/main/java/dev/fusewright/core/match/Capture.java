package dev.fusewright.core.match;

/** The name under which a pattern keeps a node. Declared as a constant above the pattern, compared by identity. */
public final class Capture {
  private final String name;

  private Capture(String name) {
    this.name = name;
  }

  /** A new capture. */
  public static Capture named(String name) {
    return new Capture(name);
  }

  @Override
  public String toString() {
    return name;
  }
}
