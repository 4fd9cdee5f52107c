/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.audit;

import java.util.List;

/**
 * A plot of the page, ready to be drawn: marks in a box of {@link #WIDTH} by {@link #HEIGHT} units.
 *
 * @param title what it shows
 * @param caption the same for who does not see it, with the main figures
 * @param across what the axis below means
 * @param up what the axis at the left means
 * @param diagonal where both axes have the same value: "x1 y1 x2 y2"; empty for none
 * @param diagonalName what the diagonal means
 */
public record Plot(
    String title,
    String caption,
    String across,
    String up,
    List<Tick> below,
    List<Tick> left,
    List<Dot> dots,
    List<Bar> bars,
    List<Double> diagonal,
    String diagonalName) {
  /** Of the box that marks stand in. */
  static final double WIDTH = 340;

  /** Of the box that marks stand in. */
  static final double HEIGHT = 190;

  /** A label at an axis. */
  public record Tick(double at, String label) {}

  /**
   * Models at one place.
   *
   * @param r the more models, the larger
   * @param isLoud whether it stands out: an error beyond its tolerance
   */
  public record Dot(double x, double y, double r, boolean isLoud, String title) {}

  /** Models in one class. */
  public record Bar(double x, double y, double width, double height, String title) {}

  /** Copies the lists. */
  public Plot {
    below = List.copyOf(below);
    left = List.copyOf(left);
    dots = List.copyOf(dots);
    bars = List.copyOf(bars);
    diagonal = List.copyOf(diagonal);
  }
}
