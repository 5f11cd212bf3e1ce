using Pawl.Training;
using Xunit;

namespace Pawl.Tests.Training;

public sealed class BatchesTests
{
    [Theory]
    [InlineData(10, 3)]
    [InlineData(10, 10)]
    [InlineData(10, 99)]
    [InlineData(1, 1)]
    public void Every_epoch_has_each_sample_once_in_an_order_of_its_own(int count, int size)
    {
        var batches = new Batches(count, size, seed: 4);
        var orders = new List<string>();
        for (var epoch = 0; epoch < 5; epoch++)
        {
            var seen = new List<int>();
            while (batches.Epoch == epoch) { seen.AddRange(batches.Next()); }
            Assert.Equal(Enumerable.Range(0, count), seen.Order());
            orders.Add(string.Join(',', seen));
        }
        if (count > 1) { Assert.Equal(orders.Count, orders.Distinct().Count()); }
    }

    [Fact]
    public void The_same_seed_gives_the_same_order() =>
        Assert.Equal(new Batches(50, 50, 9).Next().ToArray(), new Batches(50, 50, 9).Next().ToArray());
}
