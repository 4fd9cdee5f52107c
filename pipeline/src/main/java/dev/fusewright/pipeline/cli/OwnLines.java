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
package dev.fusewright.pipeline.cli;

import java.util.regex.Pattern;

/** What the program itself says on standard error. */
final class OwnLines {
  /**
   * Lines that are no errors: something goes on, or was ended because somebody wished it. The group
   * is the program's name.
   */
  static final Pattern NO_ERROR =
      Pattern.compile(
          "^(fusewright:) (?:fusing|verifying|auditing|run|the run was ended|nobody waits) ");

  private OwnLines() {}
}
