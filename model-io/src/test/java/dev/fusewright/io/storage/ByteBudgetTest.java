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

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ByteBudgetTest {
  private final ByteBudget budget = new ByteBudget(100);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  /** A claim by a thread of its own, which is in the queue, or served, when this returns. */
  private CompletableFuture<ByteBudget.Claim> claiming(long bytes) {
    int before = budget.waiters();
    CompletableFuture<ByteBudget.Claim> claim = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            claim.complete(budget.claim(bytes));
          } catch (InterruptedException | RuntimeException e) {
            claim.completeExceptionally(e);
          }
        });
    while (!claim.isDone() && budget.waiters() == before) {
      Thread.onSpinWait();
    }
    return claim;
  }

  @Test
  void what_does_not_fit_waits_until_it_does() throws Exception {
    ByteBudget.Claim first = budget.claim(70);
    CompletableFuture<ByteBudget.Claim> second = claiming(40);
    assertThat(second).isNotDone();

    first.close();

    assertThat(second.get().bytes()).isEqualTo(40);
    assertThat(budget.used()).isEqualTo(40);
  }

  @Test
  void a_small_claim_goes_past_a_large_one_that_waits_if_it_fits_beside_it() throws Exception {
    ByteBudget.Claim first = budget.claim(50);
    CompletableFuture<ByteBudget.Claim> large = claiming(80);

    assertThat(claiming(15)).isCompleted();
    assertThat(large).isNotDone();

    first.close();
    assertThat(large.get().bytes()).isEqualTo(80);
  }

  @Test
  void a_large_claim_is_not_put_off_by_small_ones_that_come_later() throws Exception {
    ByteBudget.Claim first = budget.claim(50);
    CompletableFuture<ByteBudget.Claim> large = claiming(80);
    assertThat(claiming(15)).isCompleted();
    // It would fit into what is free now, but not beside the large one and the other small one.
    CompletableFuture<ByteBudget.Claim> another = claiming(15);
    assertThat(another).isNotDone();

    first.close();
    assertThat(large).succeedsWithin(java.time.Duration.ofMinutes(1));
    assertThat(another).isNotDone();
    large.get().close();
    assertThat(another.get().bytes()).isEqualTo(15);
  }

  @Test
  void a_claim_that_grows_gives_up_what_it_holds_before_it_waits() throws Exception {
    ByteBudget.Claim one = budget.claim(50);
    ByteBudget.Claim other = budget.claim(50);
    Future<?> growing =
        threads.submit(
            () -> {
              one.grow(90);
              return null;
            });
    while (budget.waiters() == 0) {
      Thread.onSpinWait();
    }
    assertThat(budget.used()).isEqualTo(50);
    other.close();
    growing.get();
    assertThat(one.bytes()).isEqualTo(90);
  }

  @Test
  void two_claims_that_grow_at_the_same_time_both_go_on() throws Exception {
    List<Future<?>> done = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      long seed = i;
      done.add(
          threads.submit(
              () -> {
                Random random = new Random(seed);
                for (int round = 0; round < 500; round++) {
                  try (ByteBudget.Claim claim = budget.claim(1 + random.nextInt(60))) {
                    claim.grow(1 + random.nextInt(100));
                    assertThat(budget.used()).isBetween(claim.bytes(), 100L);
                  }
                }
                return null;
              }));
    }
    for (Future<?> one : done) {
      one.get();
    }
    assertThat(budget.used()).isZero();
    assertThat(budget.waiters()).isZero();
  }

  @Test
  void more_than_there_is_in_all_is_refused() {
    assertThatThrownBy(() -> budget.claim(101))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("101 bytes of a budget of 100");
  }

  @Test
  void whoever_is_interrupted_does_not_keep_others_waiting() throws Exception {
    ByteBudget.Claim first = budget.claim(90);
    Thread waiting =
        new Thread(
            () -> {
              try {
                budget.claim(100).close();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    waiting.start();
    while (budget.waiters() == 0) {
      Thread.onSpinWait();
    }
    CompletableFuture<ByteBudget.Claim> small = claiming(5);
    assertThat(small).isNotDone();
    waiting.interrupt();
    waiting.join();
    assertThat(small.get().bytes()).isEqualTo(5);
    first.close();
    small.get().close();
    assertThat(budget.used()).isZero();
  }

  @Test
  void closing_twice_gives_back_once() throws Exception {
    AtomicLong used = new AtomicLong();
    ByteBudget.Claim claim = budget.claim(10);
    try (ByteBudget.Claim other = budget.claim(20)) {
      claim.close();
      claim.close();
      used.set(budget.used());
      assertThat(other.bytes()).isEqualTo(20);
    }
    assertThat(used).hasValue(20);
  }
}
