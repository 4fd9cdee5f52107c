package dev.fusewright.core.graph;

import dev.fusewright.core.tensor.ElementType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The name and, as far as the model says it, the type of a value.
 *
 * @param type {@link ElementType#UNDEFINED} if the value is no tensor or its type is not given
 * @param dims null if the rank is unknown
 */
public record ValueInfo(String name, ElementType type, @Nullable List<Dim> dims) {
  /** Copies the dimensions. */
  public ValueInfo {
    dims = dims == null ? null : List.copyOf(dims);
  }

  /** A value of which only the name is known. */
  public static ValueInfo untyped(String name) {
    return new ValueInfo(name, ElementType.UNDEFINED, null);
  }
}
