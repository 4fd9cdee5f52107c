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
package dev.fusewright.io.storage;

import java.util.Locale;

/**
 * A text that is read so often and no more: a pattern with many wildcards goes over a name again
 * and again, and a name may be made for that.
 */
final class BoundedText implements CharSequence {
  private final String text;
  private final int most;
  private int reads;

  /**
   * A text to match.
   *
   * @param most how often its characters are read
   */
  BoundedText(String text, int most) {
    this.text = text;
    this.most = most;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if it was read too often
   */
  @Override
  public char charAt(int index) {
    if (++reads > most) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s cannot be matched within %,d steps", text, most));
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.substring(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
