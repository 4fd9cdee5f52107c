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

/** What became of a model since the run before. The gravest is told first. */
enum Change {
  NOW_FAILING("now failing", "was published before, and now it is rejected or failed"),
  VERDICT_WORSE("verdict worse", "fewer levels carry the verdict, or a lesser verdict"),
  ERROR_WORSE(
      "error worse",
      "the worst output's error is more than twice what it was, and more than a hundredth of its tolerance"),
  FUSES_LESS("fuses less", "fewer sites are fused"),
  RECOVERED("no longer failing", "was rejected or failed before, and now it is published"),
  NEWLY_FUSED("newly fused", "nothing was fused before"),
  NEW("new", "was not in the run before"),
  CHANGED("changed", "another source, or another output");

  private final String title;
  private final String sentence;

  Change(String title, String sentence) {
    this.title = title;
    this.sentence = sentence;
  }

  String title() {
    return title;
  }

  /** When it is told, in a clause. */
  String sentence() {
    return sentence;
  }
}
